import { parentPort, workerData } from 'node:worker_threads'
import { type CompileRequest, KernelCache } from '../../../../cuda/index.ts'

/** Compiles what it is given into the cache, one request after another, and says when each is done. */

export interface Compiled {
  readonly done: true
}

const cache = new KernelCache((workerData as { directory: string }).directory)
const port = parentPort!

port.on('message', (request: CompileRequest) => {
  try {
    cache.compile(request)
  } catch {
    // The one who asked compiles it again, and hears why it fails.
  }
  port.postMessage({ done: true } satisfies Compiled)
})
