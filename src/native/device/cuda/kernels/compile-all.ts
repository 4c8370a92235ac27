import { availableParallelism } from 'node:os'
import type { CompileRequest, KernelCache } from '../../../../cuda/index.ts'
import { startThread } from '../../../../threads.ts'
import type { Compiled } from './compile.thread.ts'

/** More gain little, and each takes a moment to start. */
const MOST_THREADS = 8

/**
 * The images of `requests`, in their order, compiled on as many threads as there are cores: a first load of a model asks
 * for some fifty kernels, a third of a second each.
 *
 * @throws CompileError of the first that fails, as compiled here.
 */
export async function compileAll(
  requests: readonly CompileRequest[],
  cache: KernelCache,
): Promise<readonly Uint8Array[]> {
  const missing = requests.filter(request => !cache.has(request))
  if (missing.length > 1) await compileOnThreads(missing, cache.directory)
  return requests.map(request => cache.compile(request).image)
}

/** Leaves what it can in the cache; whatever goes wrong will go wrong again where it can be told. */
async function compileOnThreads(requests: readonly CompileRequest[], directory: string): Promise<void> {
  const threads = Math.min(MOST_THREADS, availableParallelism(), requests.length)
  let next = 0
  const work = () =>
    new Promise<void>(resolve => {
      const thread = startThread(new URL('./compile.thread.ts', import.meta.url), { workerData: { directory } })
      const give = () => {
        const request = requests[next++]
        if (request === undefined) void thread.terminate()
        else thread.postMessage(request)
      }
      thread.on('message', (_: Compiled) => give())
      thread.on('error', () => undefined)
      thread.on('exit', () => resolve())
      give()
    })
  await Promise.all(Array.from({ length: threads }, work))
}
