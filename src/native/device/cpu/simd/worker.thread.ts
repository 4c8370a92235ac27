import { parentPort, workerData } from 'node:worker_threads'
import { DOORBELL, FAILED, FINISHED } from './control.ts'
import { instantiate } from './kernels.ts'
import type { WorkerInput } from './pool.ts'

// One of the pool's threads: it runs the kernels' own loop until it is told to stop.

const { module, memory, index } = workerData as WorkerInput
const kernels = instantiate(module, memory)
parentPort!.postMessage('ready')
try {
  kernels.work(index)
} catch (error) {
  // A kernel trapped: the caller must not wait for its chunk.
  const control = new Int32Array(memory.buffer)
  Atomics.store(control, FAILED, 1)
  Atomics.notify(control, FINISHED)
  Atomics.notify(control, DOORBELL)
  throw error
}
