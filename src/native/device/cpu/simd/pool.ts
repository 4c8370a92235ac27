import type { Worker } from 'node:worker_threads'
import { startThread } from '../../../../threads.ts'
import { CHUNK_WORK, DOORBELL, STOP, THREADS } from './control.ts'
import type { SharedMemory, WasmModule } from './webassembly.ts'

export interface WorkerInput {
  readonly module: WasmModule
  readonly memory: SharedMemory
  /** From 1 on: 0 is the caller. */
  readonly index: number
}

/** The threads beside the caller's. They sleep when there is nothing to do, and do not keep the process alive. */
export class Pool implements AsyncDisposable {
  readonly #control: Int32Array
  #workers: Worker[] = []
  #ended: Promise<void> | undefined

  private constructor(memory: SharedMemory) {
    this.#control = new Int32Array(memory.buffer)
  }

  /** @param threads - the caller's included */
  static async start(module: WasmModule, memory: SharedMemory, threads: number, chunkWork: number): Promise<Pool> {
    const pool = new Pool(memory)
    Atomics.store(pool.#control, THREADS, threads)
    Atomics.store(pool.#control, CHUNK_WORK, chunkWork)
    for (let index = 1; index < threads; index++) {
      const workerData: WorkerInput = { module, memory, index }
      pool.#workers.push(startThread(new URL('./worker.thread.ts', import.meta.url), { workerData }))
    }
    try {
      await Promise.all(pool.#workers.map(isReady))
    } catch (error) {
      await pool[Symbol.asyncDispose]()
      throw error
    }
    for (const worker of pool.#workers) worker.unref()
    return pool
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    // Whoever still calls an operation runs it alone.
    Atomics.store(this.#control, THREADS, 1)
    Atomics.store(this.#control, STOP, 1)
    Atomics.add(this.#control, DOORBELL, 1)
    Atomics.notify(this.#control, DOORBELL)
    await Promise.all(this.#workers.map(hasEnded))
    this.#workers = []
  }
}

function isReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('exit', () => reject(new Error('a CPU worker ended before it began')))
    worker.on('error', reject)
  })
}

function hasEnded(worker: Worker): Promise<void> {
  return new Promise(resolve => {
    if (worker.threadId === -1) return resolve()
    worker.ref()
    worker.once('exit', () => resolve())
  })
}
