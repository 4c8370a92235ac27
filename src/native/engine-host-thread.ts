import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../threads.ts'
import type { EngineHost, EngineHostEvents } from './engine-host.ts'
import type { FromThread, ThreadData, ToThread } from './messages.ts'

/** An engine in a thread of this process. */
export class EngineHostThread extends EventEmitter<EngineHostEvents> implements EngineHost {
  readonly #thread: Worker

  constructor(data: ThreadData) {
    super()
    this.#thread = startThread(new URL('./loop.thread.ts', import.meta.url), { workerData: data })
    this.#thread
      .on('message', (message: FromThread) => this.emit('message', message))
      .on('error', (error: Error) => this.emit('error', error))
      .on('exit', () => this.emit('exit', "the engine's thread ended"))
  }

  postMessage(message: ToThread): void {
    this.#thread.postMessage(message)
  }

  ref(): void {
    this.#thread.ref()
  }

  unref(): void {
    this.#thread.unref()
  }
}
