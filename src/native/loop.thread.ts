import { parentPort, workerData } from 'node:worker_threads'
import { WarplineError } from '../errors.ts'
import type { Device } from './device/device.ts'
import { type LoadedEngine, loadEngine } from './load-engine.ts'
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
  const engine = await loaded(data)
  if (engine !== undefined) {
    await serve(engine)
    await dispose(engine.device)
  }
  port.close()
}

async function loaded(data: ThreadData): Promise<LoadedEngine | undefined> {
  try {
    return await loadEngine(data, (loadedBytes, totalBytes) => post({ type: 'progress', loadedBytes, totalBytes }))
  } catch (error) {
    const known = error instanceof WarplineError
    post({ type: 'load-failed', message: known ? error.message : `the model could not be loaded: ${message(error)}` })
    return undefined
  }
}

/** Steps until the engine is closed, or can step no more. */
async function serve({ loop, model }: LoadedEngine): Promise<void> {
  let closed = false
  let wake = () => {}
  port.on('message', (message: ToThread) => {
    if (message.type === 'submit') loop.submit(message.job)
    else if (message.type === 'abort') loop.abort(message.id)
    else if (message.type === 'pause') loop.pause(message.id, message.paused)
    else closed = true
    wake()
  })
  post({ type: 'loaded', model, stats: loop.stats() })

  // What telling of the step before cost.
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
    post({ type: 'failed', message: `the engine failed: ${message(error)}` })
  }
}

async function dispose(device: Device): Promise<void> {
  try {
    await device[Symbol.asyncDispose]()
  } catch {
    // A device that is lost cannot tidy up; the process's end does it.
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

void main(workerData as ThreadData)
