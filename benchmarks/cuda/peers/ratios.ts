/** Part of `against-hf.sh`: `ratios.ts BEFORE THEIRS AFTER OUT` joins the JSON lines of both engines into one result. */
import { readFileSync } from 'node:fs'
import { type Figure, saveResult } from '../result.ts'

/** A JSON line. A prompt's work has no tokens per second of ours. */
interface Line {
  readonly engine: string
  readonly model: string
  readonly batch: number
  readonly prompt: number
  readonly new?: number
  readonly firstTokenMs?: number
  readonly decodeTokensPerSecond?: number
}

const LONG_PROMPT = 2048

const [before, theirs, after, out] = process.argv.slice(2)
const ours = [...lines(before!), ...lines(after!)]
const rows = lines(theirs!).map(their => {
  const same = ours.filter(
    ({ model, batch, prompt }) => model === their.model && batch === their.batch && prompt === their.prompt,
  )
  const isPrompt = their.prompt === LONG_PROMPT
  const figures = same.map(each => (isPrompt ? each.firstTokenMs! : each.decodeTokensPerSecond!))
  const ourMean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length
  const theirFigure = isPrompt ? their.firstTokenMs! : their.decodeTokensPerSecond!
  return {
    model: their.model,
    work: isPrompt ? `first token of ${their.prompt}, ms` : `batch ${their.batch} behind ${their.prompt}, tok/s`,
    warpline: ourMean,
    warplineRuns: figures,
    transformers: theirFigure,
    timesFaster: isPrompt ? theirFigure / ourMean : ourMean / theirFigure,
    engine: their.engine,
  }
})
if (rows.length === 0) throw new Error('transformers measured nothing')
const figures: Figure[] = rows.flatMap(({ model, work, warpline, transformers, timesFaster }) => {
  const [what, unit] = work.split(/, (?=[^,]+$)/) as [string, string]
  return [
    { what: `${model}, ${what}`, figure: warpline, unit },
    { what: `${model}, ${what}: transformers`, figure: transformers, unit },
    { what: `${model}, ${what}: times faster`, figure: timesFaster, unit: '×', goal: '> 1' },
  ]
})
for (const { model, work, warpline, transformers, timesFaster } of rows) {
  const columns = [warpline, transformers, timesFaster].map(figure => figure.toFixed(1).padStart(10))
  console.log(`${model.padEnd(12)} ${work.padEnd(30)} ${columns.join(' ')} ×`)
}
saveResult(out!, 'against-hf', 'bash benchmarks/cuda/against-hf.sh OUT', { rows, figures })

function lines(file: string): readonly Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Line)
}
