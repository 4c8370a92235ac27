import { parentPort, workerData } from 'node:worker_threads'
import { WarplineError } from '../errors.ts'
import type { Device } from './device/device.ts'
import { type LoadedEngine, loadEngine } from './load-engine.ts'
import type { FromThread, ThreadData } from './messages.ts'
import { runLoop } from './run-loop.ts'

/**
 * The engine's thread: loads the model, then runs the loop. It never waits for the server's thread, nor the server's
 * for it.
 */

const port = parentPort!
const post = (message: FromThread) => port.postMessage(message)

async function main(data: ThreadData): Promise<void> {
  const engine = await load(data)
  if (engine !== undefined) {
    const running = runLoop(engine.loop, port)
    post({ type: 'loaded', model: engine.model, stats: engine.loop.stats() })
    await running
    await dispose(engine.device)
  }
  port.close()
}

async function load(data: ThreadData): Promise<LoadedEngine | undefined> {
  try {
    return await loadEngine(data, (loadedBytes, totalBytes) => post({ type: 'progress', loadedBytes, totalBytes }))
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    const known = error instanceof WarplineError
    post({ type: 'load-failed', message: known ? cause : `the model could not be loaded: ${cause}` })
    return undefined
  }
}

async function dispose(device: Device): Promise<void> {
  try {
    await device[Symbol.asyncDispose]()
  } catch {
    // A device that is lost cannot tidy up; the process's end does it.
  }
}

void main(workerData as ThreadData)
