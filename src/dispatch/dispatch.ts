import { hostname } from 'node:os'
import { type Communicator, launcherOf, openCommunicator } from '../mpi/index.ts'
import { within } from './add-up.ts'
import { isAlive } from './lead/is-alive.ts'
import { Leading, type LeadingHooks } from './lead/leading.ts'
import type { DispatchReport } from './lead/report.ts'
import type { DispatchOptions } from './options.ts'
import { survivesLosses } from './recovery.ts'
import { executeFor } from './work/execute-for.ts'

/** Answers take so long that a millisecond more is nothing, and the engines of ranks want the CPU. */
const POLL = { spinMs: 0, maxSleepMs: 2 } as const

/** Others may need so long to come to the end as well. */
const LEAVE_MS = 7000

/** A farewell that has begun with all is not taken back: the process's end has to do. */
const ALONE_MS = 500

export interface DispatchHooks extends LeadingHooks {
  /** Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: what has started this process. */
  readonly openGroup?: () => Promise<Communicator>
  /** Called with what stops the run, as from Ctrl-C, until the run is over. */
  readonly onStop?: (stop: (signal: 'SIGINT' | 'SIGTERM') => void) => void
}

export interface Dispatched {
  /** At rank 0. */
  readonly report: DispatchReport | undefined
  /** Executing ranks: whether rank 0 said that it is over. */
  readonly ok: boolean
  /**
   * Leaves the group, so that no rank waits for this one, nor `mpirun` for any; may end the process, with this code, so what
   * there is to print must be out.
   */
  leave(code: number): Promise<void>
}

/**
 * Prompts × ranks × engines: this process's part of it. Under `mpirun` rank 0 hands out and the others execute; a process
 * alone does both.
 *
 * @throws WorkFileError, OutputExistsError, NotResumableError, OutputFailedError, NoTargetError, MpiError
 *
 * @example
 * const { report, leave } = await dispatch({ prompts: 'prompts.txt', output: 'results.jsonl', targets: ['mock:'] })
 * console.log(report?.all.outputTokensPerSecond)
 * await leave(0)
 */
export async function dispatch(options: DispatchOptions, hooks: DispatchHooks = {}): Promise<Dispatched> {
  const { env = process.env, openGroup = () => openCommunicator({ env, poll: POLL }) } = hooks
  const { rank, size } = launcherOf(env)
  // What is wrong with the files is said before anybody is waited for.
  const leading = rank === 0 ? await Leading.prepare(options, hooks) : undefined
  const group = size > 1 || hooks.openGroup ? await openGroup() : undefined
  if (leading === undefined) return await execute(options, group!, hooks, env)
  hooks.onStop?.(signal => leading.stop(signal))
  const { report, lost, together } = await leading.run(group)
  return {
    report,
    ok: true,
    leave: async code => {
      if (group === undefined) return
      if (together && (await leftWith(group))) return
      if (!survivesLosses(env)) group.abort(code)
      // Whoever started us waits for those as well; on other hosts, only they themselves can be told.
      for (const { pid, host } of lost) if (host === hostname() && pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL')
      await within(ALONE_MS, group.close({ alone: true }))
    },
  }
}

async function execute(
  options: DispatchOptions,
  group: Communicator,
  hooks: DispatchHooks,
  env: NonNullable<DispatchHooks['env']>,
): Promise<Dispatched> {
  const { together, ok } = await executeFor(options, group, hooks)
  return {
    report: undefined,
    ok,
    leave: async () => {
      if (together && (await leftWith(group))) return
      // Rank 0 ends all; a rank that went before would be taken for one that failed.
      if (ok && !survivesLosses(env)) await new Promise(resolve => setTimeout(resolve, LEAVE_MS))
      await within(ALONE_MS, group.close({ alone: true }))
    },
  }
}

/** Whether all others left as well. */
async function leftWith(group: Communicator): Promise<boolean> {
  const leaving = group.close().then(() => true)
  return (await within(LEAVE_MS, leaving)) ?? false
}
