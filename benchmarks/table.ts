/**
 * Results as Markdown, for README.md: `npx tsx benchmarks/table.ts FOLDER`, of every JSON in FOLDER that has `figures`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure, Result } from './cuda/result.ts'

const folder = process.argv[2]!

interface Told extends Result {
  readonly figures?: readonly Figure[]
}

for (const file of readdirSync(folder).sort()) {
  if (!file.endsWith('.json')) continue
  const { figures, machine, commit, command, date } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Told
  if (figures === undefined) continue
  const lines = figures.map(({ what, figure, unit, goal = '' }) => `| ${what} | ${written(figure)} ${unit} | ${goal} |`)
  const where = machine.gpu ? `${machine.gpu}, driver ${machine.driver}` : `${machine.cpu}, ${machine.cores} cores`
  const when = `commit ${commit ?? 'unknown'}, ${date.slice(0, 10)}`
  console.log(`\`${file}\`: ${where}; ${when}\n\n    ${command}\n\n| what | figure | goal |\n| --- | ---: | --- |`)
  console.log(`${lines.join('\n')}\n`)
}

/** JSON has no number for what is infinite or none: null. */
function written(figure: number | null): string {
  if (figure === null) return '–'
  if (figure !== 0 && Math.abs(figure) < 0.01) return figure.toExponential(1)
  return Number.isInteger(figure) || Math.abs(figure) >= 1000 ? Math.round(figure).toString() : figure.toPrecision(3)
}
