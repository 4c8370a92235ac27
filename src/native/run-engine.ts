import { WarplineError } from '../errors.ts'
import type { Device } from './device/device.ts'
import { type LoadedEngine, loadEngine } from './load-engine.ts'
import type { FromThread, ThreadData, ToThread } from './messages.ts'
import { runLoop } from './run-loop.ts'

/** The engine's end of the line to the server's thread, be it in a thread or in a process of its own. */
export interface EnginePort {
  on(event: 'message', listener: (message: ToThread) => void): unknown
  postMessage(message: FromThread): void
  /** Nothing is left to do. What was posted still arrives. */
  close(): void
}

/** All that an engine's thread or process does: loads the model, then runs the loop until it is told to end. */
export async function runEngine(data: ThreadData, port: EnginePort): Promise<void> {
  const engine = await load(data, port)
  if (engine !== undefined) {
    const running = runLoop(engine.loop, port)
    port.postMessage({ type: 'loaded', model: engine.model, stats: engine.loop.stats() })
    await running
    await dispose(engine.device)
  }
  port.close()
}

async function load(data: ThreadData, port: EnginePort): Promise<LoadedEngine | undefined> {
  const tell = (loadedBytes: number, totalBytes: number) =>
    port.postMessage({ type: 'progress', loadedBytes, totalBytes })
  try {
    return await loadEngine(data, tell)
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    const known = error instanceof WarplineError
    port.postMessage({ type: 'load-failed', message: known ? cause : `the model could not be loaded: ${cause}` })
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
