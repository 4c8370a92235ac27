import type { NativeOptions } from '../../native/index.ts'
import { commit, describeMachine } from '../machine.ts'
import { measureRun } from '../measure-run.ts'
import { byEngine, type Cell, cellName, cellsOf } from './cell.ts'
import type { CellResult } from './cell-result.ts'
import { CellStore } from './cell-store.ts'
import { type CellOutcome, runEngineCells } from './engine-cells.ts'
import { matrixCsv } from './matrix-csv.ts'
import { matrixHtml } from './matrix-html.ts'
import type { MatrixSpec } from './matrix-spec.ts'
import type { MatrixSummary } from './matrix-summary.ts'
import { type Measure, runServedCells } from './served-cells.ts'

export interface MatrixOptions {
  /** Gets a JSON for each cell, and `summary.json`, `summary.csv` and `summary.html` of all. */
  readonly folder: string
  /** Measure again what is there. Default false. */
  readonly force?: boolean
  readonly command: string
  /** What was measured until it is aborted is kept, and a later run goes on there. */
  readonly signal?: AbortSignal
  /** Told what is being done, and of each cell. */
  readonly onProgress?: (text: string) => void
  /** Of servers. Default: `measureRun`. */
  readonly measure?: Measure
}

/** Measures every cell that is not measured yet, and sums up all. A cell that fails costs itself alone. */
export async function runMatrix(spec: MatrixSpec, options: MatrixOptions): Promise<MatrixSummary> {
  const { folder, force = false, signal, onProgress = () => {} } = options
  const conditions = conditionsOf(spec)
  const store = new CellStore(folder, conditions)
  const cells = cellsOf(spec)
  const results = new Map<Cell, CellResult>()
  if (!force) {
    for (const cell of cells) {
      const known = store.finished(cell)
      if (known) results.set(cell, known)
    }
    if (results.size > 0) onProgress(`${results.size} of ${cells.length} cells are there already`)
  }
  const checkout = commit()
  let over = results.size
  const onCell = async (cell: Cell, outcome: CellOutcome) => {
    const { engine, ...rest } = outcome
    const result: CellResult = {
      schema: 'warpline-matrix-cell/1',
      cell,
      conditions,
      date: new Date().toISOString(),
      commit: checkout,
      machine: describeMachine(engine?.gpu),
      backend: engine?.backend ?? null,
      weights: engine?.weights ?? null,
      ...rest,
    }
    results.set(cell, result)
    store.keep(result)
    onProgress(`${++over}/${cells.length} ${cellName(cell)}: ${wordsOf(result)}`)
  }
  const open = cells.filter(cell => !results.has(cell))
  const told = { onProgress, onCell, ...(signal && { signal }) }
  if (spec.target !== undefined || spec.serve !== undefined) {
    await runServedCells(spec, open, options.measure ?? measureRun, told)
  } else {
    for (const group of byEngine(open)) {
      if (signal?.aborted) break
      await measureGroup(spec, group, told)
    }
  }
  const measured = cells.flatMap(cell => results.get(cell) ?? [])
  const summary: MatrixSummary = {
    schema: 'warpline-matrix/1',
    command: options.command,
    date: new Date().toISOString(),
    commit: checkout,
    machine: measured.find(({ machine }) => machine.gpu !== null)?.machine ?? describeMachine(undefined),
    spec,
    cells: measured,
    missing: cells.length - measured.length,
  }
  store.write('summary.json', summary)
  store.write('summary.csv', matrixCsv(summary))
  store.write('summary.html', matrixHtml(summary))
  return summary
}

type Told = Parameters<typeof runEngineCells>[1]

/** The cells of one engine in processes of this machine. */
async function measureGroup(spec: MatrixSpec, cells: readonly Cell[], told: Told): Promise<void> {
  const { model, gpus, quantize, gpuLayers } = cells[0]!
  const reason = obstacle(gpus, gpuLayers)
  if (reason !== undefined) {
    for (const cell of cells)
      await told.onCell(cell, { engine: undefined, figures: null, skipped: reason, failed: null, invalid: null })
    return
  }
  told.onProgress(`opening ${model}${quantize === 'none' ? '' : `, ${quantize}`}`)
  const options = (quantize === 'none' ? spec.options : { ...spec.options, quantize }) as NativeOptions
  const { steps, warmUp, repeats, ceilings } = spec
  await runEngineCells({ model, options, cells, steps: { steps, warmUp, repeats }, ceilings }, told)
}

/** What only servers can do. */
function obstacle(gpus: number, gpuLayers: Cell['gpuLayers']): string | undefined {
  if (gpus > 1) return `needs ${gpus} GPUs, and an engine in process computes on one: give a server by target or serve`
  if (gpuLayers === 'all') return undefined
  return 'keeps some layers off the GPU, which an engine in process does not: give a server by target or serve'
}

/** The lists name cells; all else are conditions. */
function conditionsOf(spec: MatrixSpec): CellResult['conditions'] {
  const { models: _, batches: _b, promptLengths: _p, gpus: _g, quantize: _q, gpuLayers: _l, ...rest } = spec
  return rest
}

function wordsOf({ figures, skipped, failed, invalid }: CellResult): string {
  if (figures === null) return skipped ?? failed ?? ''
  const { firstTokenMs, msPerStep, decodeTokensPerSecond } = figures
  return `${invalid === null ? '' : 'INVALID, '}first token ${firstTokenMs.toFixed(1)} ms, ${msPerStep.toFixed(2)} ms a step, ${decodeTokensPerSecond.toFixed(1)} tok/s`
}
