import { UnsupportedError } from '../../engine/index.ts'
import { type InProcessEngine, type ModelConfig, type NativeOptions, openInProcess } from '../../native/index.ts'
import { commit, describeMachine } from '../machine.ts'
import { ablations } from './ablations.ts'
import { ceilingsOf } from './ceilings.ts'
import { figuresOf, type Most } from './figures.ts'
import { measure, type Sample } from './measure.ts'
import type { EngineReport, EngineRow, Launches } from './report.ts'
import { roomFor } from './room.ts'
import { contextOf, type EngineWork, nameOf } from './work.ts'

export interface EngineBench {
  /** As it is called in the report. */
  readonly name: string
  /** A folder, or the name of a known shape. */
  readonly path: string
  /** Room for sequences, context and the KV cache is added where it is not given. */
  readonly options: NativeOptions
  readonly config: ModelConfig
  readonly works: readonly EngineWork[]
  readonly repeat: number
  /** The same once more without each technique of the GPU. */
  readonly ablate: boolean
  /** Whether to measure first what the GPU gives at best. */
  readonly ceilings: boolean
  readonly command: string
  /** Told what is being done. */
  readonly onProgress?: (text: string) => void
}

/** Sequences of a warm-up need not be as long as those that are measured. */
const WARM_UP_TOKENS = 8

/** Measures an engine in this thread, and nothing around it. */
export async function runEngineBench(bench: EngineBench): Promise<EngineReport> {
  const needs = bench.works.map(work => ({ sequences: work.batch, context: contextOf(work) }))
  const options = roomFor(bench.config, bench.options, needs)
  const { without = [] } = options
  const rows: EngineRow[] = []
  let first: Omit<EngineReport, 'rows'> | undefined
  for (const off of bench.ablate ? ablations(without) : [[]]) {
    const name = off.length === 0 ? '' : ` without ${off.length > 1 ? 'all techniques' : off[0]}`
    bench.onProgress?.(`loading ${bench.name}${name}`)
    await using engine = await openInProcess(bench.path, { ...options, without: [...without, ...off] })
    if (bench.ablate && engine.cuda === undefined) {
      throw new UnsupportedError('there are no techniques to turn off on a CPU: --ablate needs a GPU')
    }
    first ??= describe(bench, engine)
    for (const work of bench.works) {
      const row = await attempt(engine, work, off, bench.repeat, first.ceilings ?? undefined)
      rows.push(row)
      bench.onProgress?.(`${nameOf(work)}, batch ${work.batch}${name}: ${outcome(row)}`)
      // After a fault nothing can be relied on; what was measured is told.
      if (row.failed) return { ...first, rows }
    }
  }
  return { ...first!, rows }
}

function describe(bench: EngineBench, engine: InProcessEngine): Omit<EngineReport, 'rows'> {
  const { model, storage, kvType, cuda } = engine
  return {
    command: bench.command,
    date: new Date().toISOString(),
    commit: commit(),
    machine: describeMachine(cuda?.name.replace(/^cuda\//, '')),
    model: bench.name,
    weights: storage,
    kvType,
    backend: model.backend,
    ceilings: (bench.ceilings ? ceilingsOf(engine, bench.onProgress) : undefined) ?? null,
  }
}

async function attempt(...args: Parameters<typeof measureWork>): Promise<EngineRow> {
  try {
    return await measureWork(...args)
  } catch (error) {
    const [, work, without] = args
    const skipped = error instanceof Error ? error.message : String(error)
    return { ...work, test: nameOf(work), without, figures: null, skipped, failed: true }
  }
}

function outcome({ figures, skipped }: EngineRow): string {
  return figures === null ? skipped! : `${figures.tokensPerSecond.mean.toPrecision(4)} tok/s`
}

async function measureWork(
  engine: InProcessEngine,
  work: EngineWork,
  without: readonly string[],
  repeat: number,
  most: Most | undefined,
): Promise<EngineRow> {
  const row = { ...work, test: nameOf(work), without }
  const skipped = obstacle(engine, work)
  if (skipped !== undefined) return { ...row, figures: null, skipped, failed: false }
  await measure(engine, work.kind === 'prompt' ? work : { ...work, tokens: Math.min(work.tokens, WARM_UP_TOKENS) })
  const samples: Sample[] = []
  for (let i = 0; i < repeat; i++) samples.push(await measure(engine, work))
  const figures = { ...figuresOf(engine, work, samples, most), ...launches(engine) }
  return {
    ...row,
    figures: engine.cuda ? figures : { ...figures, hostMicrosecondsPerStep: null },
    skipped: null,
    failed: false,
  }
}

/** Why the engine, as it was opened, cannot do the work. */
function obstacle({ model, loop }: InProcessEngine, work: EngineWork): string | undefined {
  const { batch } = work
  const length = contextOf(work)
  if (length > model.contextLength) return `needs a context of ${length} tokens, and has ${model.contextLength}`
  if (batch > model.maxSequences) return `needs ${batch} sequences, and has ${model.maxSequences}`
  const blocks = batch * Math.ceil(length / model.kvBlockSize)
  const { kvBlocksTotal } = loop.stats()
  return blocks > kvBlocksTotal ? `needs ${blocks} KV blocks, and has ${kvBlocksTotal}` : undefined
}

function launches({ cuda }: InProcessEngine): Launches {
  if (cuda === undefined) return { kernelsPerStep: null, graph: null }
  const { operations, graph } = cuda.trace
  return { kernelsPerStep: operations.length, graph }
}
