import { hostname } from 'node:os'
import type { Communicator } from '../../mpi/index.ts'
import { addUp, within } from '../add-up.ts'
import { GroupWorkerLink } from '../messages/group-link.ts'
import type { DispatchOptions } from '../options.ts'
import { workerOf } from './work.ts'

const ADD_UP_MS = 5000

export interface ExecuteHooks {
  readonly onStop?: (stop: (signal: 'SIGINT' | 'SIGTERM') => void) => void
  readonly onNotice?: (text: string) => void
}

export interface Executed {
  /** All ranks came to the end, and added up what they did. */
  readonly together: boolean
  /** Rank 0 said that it is over. */
  readonly ok: boolean
}

/** An executing rank of a group, from its first word to its last; it has not left the group then. */
export async function executeFor(
  options: DispatchOptions,
  group: Communicator,
  hooks: ExecuteHooks,
): Promise<Executed> {
  const { rank } = group
  const link = new GroupWorkerLink(group)
  const worker = workerOf(options, { link, rank, worker: rank - 1, host: hostname() })
  hooks.onStop?.(signal => worker.signalled(signal))
  const { together, tally, error } = await worker.run()
  if (error !== undefined) {
    hooks.onNotice?.(`rank ${rank}: ${error instanceof Error ? error.message : String(error)}`)
    return { together: false, ok: false }
  }
  const totals = together ? await within(ADD_UP_MS, addUp(group, tally)) : undefined
  await worker.close()
  return { together: totals !== undefined, ok: true }
}
