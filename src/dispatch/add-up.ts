import type { Communicator } from '../mpi/index.ts'
import type { WorkerTally } from './work/worker-tally.ts'

/** What all executing ranks did, by their own books. */
export interface Totals {
  readonly jobs: number
  readonly ok: number
  readonly outputTokens: number
  /** At rank 0: for each rank, how long its answers took there, in ms. */
  readonly serviceMs: readonly Float64Array[] | undefined
}

/** Latencies gathered at rank 0, counts added up on all ranks. All must come: not to be called where a rank is lost. */
export async function addUp(
  group: Communicator,
  tally: Pick<WorkerTally, 'jobs' | 'ok' | 'outputTokens' | 'serviceMs'>,
): Promise<Totals> {
  const { jobs, ok, outputTokens, serviceMs } = tally
  const [parts, counts] = await Promise.all([
    group.gatherv(Float64Array.from(serviceMs)),
    group.allreduce(BigInt64Array.of(BigInt(jobs), BigInt(ok), BigInt(outputTokens)), 'sum'),
  ])
  return { jobs: Number(counts[0]), ok: Number(counts[1]), outputTokens: Number(counts[2]), serviceMs: parts }
}

/** Undefined where it is not over by then. What is under way is left to itself. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
