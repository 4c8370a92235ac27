import type { EngineLoop } from './loop.ts'
import type { FromThread, ToThread } from './messages.ts'
import type { EnginePort } from './run-engine.ts'

/** Lets messages in: they are handled on the event loop's next turn. */
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/**
 * Takes messages between steps and posts one a step, until the other side closes, or no step can be run any more: then
 * `failed` is the last that is posted, and ends all requests at once.
 */
export async function runLoop(loop: EngineLoop, port: Pick<EnginePort, 'on' | 'postMessage'>): Promise<void> {
  const post = (message: FromThread) => port.postMessage(message)
  let closed = false
  let wake = () => {}
  port.on('message', (message: ToThread) => {
    if (message.type === 'submit') loop.submit(message.job)
    else if (message.type === 'abort') loop.abort(message.id)
    else if (message.type === 'pause') loop.pause(message.id, message.paused)
    else closed = true
    wake()
  })
  // What it took to tell of the step before.
  let toldMs = 0
  try {
    while (!closed) {
      if (loop.idle) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      } else {
        const step = await loop.step()
        const drawnAt = performance.now()
        post({ type: 'step', ...step, hostMs: step.hostMs + toldMs, stats: loop.stats() })
        toldMs = performance.now() - drawnAt
        await turn()
      }
    }
  } catch (error) {
    post({ type: 'failed', message: `the engine failed: ${error instanceof Error ? error.message : String(error)}` })
  }
}
