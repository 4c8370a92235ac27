import { ModelLoadError } from '../../engine/index.ts'
import { type InProcessEngine, openInProcess } from '../../native/index.ts'
import { ceilingsOf, roomFor } from '../engine/index.ts'
import { modelOf } from '../model-of.ts'
import type { Cell } from './cell.ts'
import type { EngineTask, FromEngine } from './engine-messages.ts'
import { contextOf, measureCell } from './measure-cell.ts'

/** Opens one engine and measures all its cells, telling of each. */
export async function runEngineTask(task: EngineTask, tell: (message: FromEngine) => void): Promise<void> {
  let engine: InProcessEngine
  try {
    engine = await open(task)
  } catch (error) {
    tell({ type: 'refused', message: words(error) })
    return
  }
  const { model, cuda } = engine
  const memoryBytes = Object.values(model.memory).reduce((sum, bytes) => sum + bytes, 0)
  const gpu = cuda?.name.replace(/^cuda\//, '')
  tell({ type: 'opened', engine: { backend: model.backend, weights: engine.storage, gpu, memoryBytes } })
  const most = task.ceilings ? ceilingsOf(engine, text => tell({ type: 'progress', text })) : undefined
  for (const [index, cell] of task.cells.entries()) {
    const reason = obstacle(engine, cell, task)
    if (reason !== undefined) {
      tell({ type: 'skipped', index, reason })
      continue
    }
    try {
      tell({ type: 'measured', index, measured: await measureCell(engine, cell, task.steps, most) })
    } catch (error) {
      // After a fault nothing can be relied on: not even that it can be closed.
      tell({ type: 'failed', index, message: words(error) })
      return
    }
  }
  await engine[Symbol.asyncDispose]()
}

/** With room for the largest cell; where that is more than there is, with as much as there is. */
async function open({ model: name, options, cells, steps }: EngineTask): Promise<InProcessEngine> {
  const model = modelOf(name, options)
  if (model === undefined)
    throw new ModelLoadError(`"${name}" has no engine to look into: name a model's folder or a shape`)
  const onCard = options.device !== 'cpu' && options.device !== 'cpu-reference'
  const needs = cells.map(cell => ({ sequences: cell.batch, context: contextOf(cell, steps, onCard) }))
  const room = roomFor(model.config, model.options, needs)
  try {
    return await openInProcess(model.path, room)
  } catch (error) {
    if (!(error instanceof ModelLoadError) || options.kvMemory !== undefined) throw error
    const { kvMemory: _, ...rest } = room
    return await openInProcess(model.path, rest).catch(() => Promise.reject(error))
  }
}

/** Why the engine, as it was opened, cannot measure the cell. */
function obstacle({ model, loop, cuda }: InProcessEngine, cell: Cell, { steps }: EngineTask): string | undefined {
  const context = contextOf(cell, steps, cuda !== undefined)
  if (context > model.contextLength) return `needs a context of ${context} tokens, and has ${model.contextLength}`
  if (cell.batch > model.maxSequences) return `needs ${cell.batch} sequences, and has ${model.maxSequences}`
  const blocks = cell.batch * Math.ceil(context / model.kvBlockSize)
  const { kvBlocksTotal } = loop.stats()
  return blocks > kvBlocksTotal ? `needs ${blocks} KV blocks, and has ${kvBlocksTotal}` : undefined
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
