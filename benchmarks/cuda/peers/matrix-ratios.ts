/**
 * Part of `matrix.sh`: `matrix-ratios.ts BEFORE THEIRS AFTER OUT` joins the cells of both engines into one result. BEFORE
 * and AFTER are folders of ours, of which AFTER may hold a few cells alone, THEIRS JSON lines.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MatrixSummary } from '../../../src/bench/matrix/index.ts'
import { type Figure, saveResult } from '../result.ts'

interface Theirs {
  readonly engine: string
  readonly model: string
  readonly batch: number
  readonly promptLength: number
  readonly failed?: string
  readonly firstTokenMs?: number
  readonly msPerStep?: number
  readonly decodeTokensPerSecond?: number
  readonly memoryBytes?: number
}

const [before, theirs, after, out] = process.argv.slice(2)
const first = cellsIn(before!)
const again = cellsIn(after!)
const lines = existsSync(theirs!)
  ? readFileSync(theirs!, 'utf8')
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as Theirs)
  : []

const rows = first.flatMap(({ cell, figures, skipped, failed }) => {
  const { model, batch, promptLength } = cell
  const isSame = (each: { model: string; batch: number; promptLength: number }) =>
    each.model === model && each.batch === batch && each.promptLength === promptLength
  const their = lines.find(isSame)
  const later = again.find(each => isSame(each.cell))?.figures ?? null
  return {
    model,
    batch,
    promptLength,
    warpline: figures,
    warplineAfter: later,
    failed: skipped ?? failed,
    transformers: their ?? null,
    firstTokenTimesFaster: ratio(their?.firstTokenMs, figures?.firstTokenMs),
    decodeTimesFaster: ratio(their?.msPerStep, figures?.msPerStep),
  }
})

console.log('model        batch prompt   first ms  theirs      ×     ms/step  theirs      ×     tok/s  % most   J/tok')
for (const { model, batch, promptLength, warpline, transformers, ...each } of rows) {
  const columns = [
    warpline?.firstTokenMs.toFixed(2) ?? each.failed ?? '–',
    transformers?.firstTokenMs?.toFixed(1) ?? transformers?.failed ?? '–',
    each.firstTokenTimesFaster?.toFixed(2) ?? '–',
    warpline?.msPerStep.toFixed(3) ?? '–',
    transformers?.msPerStep?.toFixed(2) ?? '–',
    each.decodeTimesFaster?.toFixed(2) ?? '–',
    warpline?.decodeTokensPerSecond.toFixed(0) ?? '–',
    warpline?.ofCeiling ? (100 * warpline.ofCeiling).toFixed(1) : '–',
    warpline?.joulesPerToken?.toFixed(3) ?? '–',
  ]
  const place = `${model.padEnd(12)} ${String(batch).padStart(5)} ${String(promptLength).padStart(6)}`
  console.log(`${place} ${columns.map(column => column.padStart(9)).join('')}`)
}

const compared = rows.filter(({ decodeTimesFaster }) => decodeTimesFaster !== null)
const figures: Figure[] = [
  {
    what: 'cells of ours that were measured',
    figure: rows.filter(row => row.warpline).length,
    unit: `of ${rows.length}`,
  },
  { what: 'cells of transformers in the time it had', figure: compared.length, unit: `of ${rows.length}` },
  ...[...new Set(compared.map(({ model }) => model))].flatMap(model => {
    const own = compared.filter(row => row.model === model)
    return [
      least(
        `${model}: a decode step, times faster in the least cell`,
        own.map(row => row.decodeTimesFaster!),
      ),
      least(
        `${model}: the first token, times faster in the least cell`,
        own.map(row => row.firstTokenTimesFaster!),
      ),
    ]
  }),
  ...drift(),
]
for (const { what, figure, unit } of figures) console.log(`${what}: ${figure.toFixed(3)} ${unit}`)
const engine = lines[0]?.engine ?? null
saveResult(out!, 'matrix-against-hf', 'bash benchmarks/cuda/matrix.sh OUT', { engine, rows, figures })

function cellsIn(folder: string): MatrixSummary['cells'] {
  const path = join(folder, 'summary.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as MatrixSummary).cells : []
}

function ratio(theirs: number | undefined, ours: number | undefined): number | null {
  return theirs === undefined || ours === undefined ? null : theirs / ours
}

function least(what: string, ratios: readonly number[]): Figure {
  return { what, figure: Math.min(...ratios), unit: '×', goal: '> 1' }
}

/** How much slower or faster the card was afterwards. */
function drift(): readonly Figure[] {
  const ratios = rows.flatMap(({ warpline, warplineAfter }) =>
    warpline && warplineAfter ? [warplineAfter.msPerStep / warpline.msPerStep] : [],
  )
  if (ratios.length === 0) return []
  const furthest = ratios.reduce((most, each) => (Math.abs(each - 1) > Math.abs(most - 1) ? each : most))
  return [
    {
      what: 'ours again afterwards: ms a step, of what it was, in the cell that differs most',
      figure: furthest,
      unit: '×',
    },
  ]
}
