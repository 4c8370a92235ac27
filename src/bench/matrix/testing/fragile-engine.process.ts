import type { EngineTask, FromEngine } from '../engine-messages.ts'
import { FIGURES } from './sample-cells.ts'

/** Stands in for an engine's process: dies at a batch of 13, fails at one of 14, measures any other at once. */

const task = await new Promise<EngineTask>(resolve =>
  process.once('message', message => resolve(message as EngineTask)),
)

function tell(message: FromEngine): Promise<void> {
  return new Promise(resolve => process.send!(message, undefined, undefined, () => resolve()))
}

await tell({
  type: 'opened',
  engine: { backend: `fragile/${process.pid}`, weights: 'bf16', gpu: undefined, memoryBytes: 5 },
})
for (const [index, { batch }] of task.cells.entries()) {
  if (batch === 13) process.kill(process.pid, 'SIGKILL')
  if (batch === 14) {
    await tell({ type: 'failed', index, message: 'out of memory' })
    break
  }
  const { memoryBytes: _, watts: _w, joulesPerToken: _j, ...figures } = FIGURES
  await tell({ type: 'measured', index, measured: { figures, decoding: { fromMs: 0, toMs: 1, tokens: 1 } } })
}
process.exit()
