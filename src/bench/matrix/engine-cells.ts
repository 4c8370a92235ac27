import { startProcess } from '../../threads.ts'
import { GpuSampler } from '../gpu/gpu-sampler.ts'
import type { Cell } from './cell.ts'
import type { CellFigures } from './cell-result.ts'
import type { EngineTask, FromEngine, OpenedEngine } from './engine-messages.ts'
import type { MeasuredCell } from './measure-cell.ts'

/** What became of a cell. */
export interface CellOutcome {
  readonly engine: OpenedEngine | undefined
  readonly figures: CellFigures | null
  readonly skipped: string | null
  readonly failed: string | null
  readonly invalid: string | null
}

export interface EngineCellsOptions {
  readonly signal?: AbortSignal
  readonly onProgress: (text: string) => void
  readonly onCell: (cell: Cell, outcome: CellOutcome) => Promise<void>
  /** What runs in an engine's process; a test has its own. */
  readonly module?: URL
}

/**
 * Measures the cells of one engine, each in an engine that is well: where one is lost, its cell has failed and another
 * process goes on behind it. What does not open is not tried again.
 */
export async function runEngineCells(task: EngineTask, options: EngineCellsOptions): Promise<void> {
  let { cells } = task
  while (cells.length > 0 && !options.signal?.aborted) {
    const done = await oneProcess({ ...task, cells }, options)
    cells = cells.slice(done)
  }
}

/** How many of the cells are over. */
async function oneProcess(task: EngineTask, options: EngineCellsOptions): Promise<number> {
  const { cells } = task
  const { signal, onProgress, onCell, module = new URL('./engine.process.ts', import.meta.url) } = options
  using sampler = GpuSampler.start()
  const child = startProcess(module, { serialization: 'advanced' })
  const kill = () => void child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  let engine: OpenedEngine | undefined
  let done = 0
  let wholly: string | undefined
  /** Files are written one after another. */
  let written = Promise.resolve()
  const settle = (index: number, outcome: Omit<CellOutcome, 'engine' | 'invalid'>) => {
    const [cell, of] = [cells[index]!, engine]
    done = index + 1
    written = written.then(() => onCell(cell, { engine: of, ...outcome, invalid: null }))
    // What is wrong with it is said where it is waited for.
    written.catch(kill)
  }
  child.on('message', (message: FromEngine) => {
    if (message.type === 'opened') engine = message.engine
    else if (message.type === 'refused') wholly = message.message
    else if (message.type === 'progress') onProgress(message.text)
    else if (message.type === 'skipped') settle(message.index, { figures: null, skipped: message.reason, failed: null })
    else if (message.type === 'failed') settle(message.index, { figures: null, skipped: null, failed: message.message })
    else settle(message.index, { figures: figuresOf(message.measured, engine!, sampler), skipped: null, failed: null })
  })
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, by) => {
      const how = by === null ? `ended with ${code}` : `was ended by ${by}`
      // Its last words may still be on the way.
      if (child.connected) child.once('disconnect', () => resolve(how))
      else resolve(how)
    })
  })
  child.send(task)
  const how = await ended
  signal?.removeEventListener('abort', kill)
  await written
  if (signal?.aborted) return done
  // The rest of an engine that does not open is as its first; of one that was lost, the cell it was at is.
  const last = wholly === undefined ? done + 1 : cells.length
  if (wholly !== undefined || how !== 'ended with 0')
    while (done < last && done < cells.length)
      settle(done, { figures: null, skipped: null, failed: wholly ?? `the engine's process ${how}` })
  await written
  return done
}

function figuresOf(
  { figures, decoding }: MeasuredCell,
  engine: OpenedEngine,
  sampler: GpuSampler | undefined,
): CellFigures {
  const usage = engine.gpu === undefined ? null : sampler?.usage(decoding.fromMs, decoding.toMs, decoding.tokens)
  return {
    ...figures,
    memoryBytes: engine.memoryBytes,
    watts: usage && usage.watts > 0 ? usage.watts : null,
    joulesPerToken: usage?.joulesPerOutputToken ?? null,
  }
}
