import { parentPort, workerData } from 'node:worker_threads'
import { WarplineError } from '../errors.ts'
import { loadEngine } from './load-engine.ts'
import type { EngineLoop } from './loop.ts'
import type { FromThread, ThreadData, ToThread } from './messages.ts'

/**
 * The engine's thread: loads the model, then takes messages between steps and posts one message a step. It never waits
 * for the server's thread, nor the server's for it.
 */

const port = parentPort!
const post = (message: FromThread) => port.postMessage(message)

/** Lets messages in: they are handled on the event loop's next turn. */
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

async function main(data: ThreadData): Promise<void> {
  const engine = await loadEngine(data, (loadedBytes, totalBytes) =>
    post({ type: 'progress', loadedBytes, totalBytes }),
  )
  const { loop } = engine
  let closed = false
  let wake = () => {}

  port.on('message', (message: ToThread) => {
    if (message.type === 'submit') loop.submit(message.job)
    else if (message.type === 'abort') loop.abort(message.id)
    else if (message.type === 'pause') loop.pause(message.id, message.paused)
    else closed = true
    wake()
  })
  post({ type: 'loaded', model: engine.model, stats: loop.stats() })

  while (!closed) {
    if (loop.idle) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    } else {
      await step(loop)
      await turn()
    }
  }
  await engine.device[Symbol.asyncDispose]()
  port.close()
}

async function step(loop: EngineLoop): Promise<void> {
  try {
    post({ type: 'step', ...(await loop.step()), stats: loop.stats() })
  } catch (error) {
    // A step that cannot be run fails its requests; the next ones may fare better.
    const outcomes = loop.failAll({ message: `the step failed: ${message(error)}` })
    post({ type: 'step', outcomes, tokens: 0, ms: 0, stats: loop.stats() })
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

main(workerData as ThreadData).catch(error => {
  const known = error instanceof WarplineError
  post({ type: 'load-failed', message: known ? error.message : `the model could not be loaded: ${message(error)}` })
  port.close()
})
