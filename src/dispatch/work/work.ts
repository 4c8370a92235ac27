import type { WorkerLink } from '../messages/link.ts'
import type { DispatchOptions } from '../options.ts'
import { openPost } from '../post/open-post.ts'
import { listTargets } from '../targets/expand-targets.ts'
import { openRankTarget, rankTarget } from '../targets/open-rank-target.ts'
import { Worker } from './worker.ts'

/** How long rank 0 may be silent, in its own timeouts: it is the last to be given up. */
const LEAD_TIMEOUTS = 3

export interface WorkSite {
  readonly link: WorkerLink
  readonly rank: number
  /** Among executing ranks, from 0. */
  readonly worker: number
  readonly host: string
}

/** The executing part of a rank, ready to run. */
export function workerOf(options: DispatchOptions, { link, rank, worker, host }: WorkSite): Worker {
  const { targets = [], open = {}, gpuMap, send = 'auto', sampling = {}, timeoutMs, retries, post } = options
  const { heartbeatTimeoutMs = 5000 } = options
  type Place = { readonly localWorker: number; readonly localWorkers: number }
  const targetAt = (place: Place) =>
    rankTarget({ targets: listTargets(targets), open, ...(gpuMap && { gpuMap }) }, { rank, worker, ...place })
  return new Worker(link, {
    host,
    send,
    sampling,
    leadTimeoutMs: LEAD_TIMEOUTS * heartbeatTimeoutMs,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retries !== undefined && { retries }),
    targetName: place => targetAt(place).target ?? 'ember',
    open: async place => {
      const chosen = targetAt(place)
      // First: without a card there is no need to load a model.
      const kernel = post && openPost(post, chosen.gpu)
      const engine = await openRankTarget(chosen)
      const { target = engine.info.model, device } = chosen
      return { engine, target, device, ...(kernel && { post: kernel }) }
    },
  })
}
