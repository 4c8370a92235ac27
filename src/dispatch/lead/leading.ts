import { hostname } from 'node:os'
import type { Communicator } from '../../mpi/index.ts'
import { addUp, type Totals, within } from '../add-up.ts'
import { NoTargetError } from '../dispatch-error.ts'
import { type Jobs, readJobs } from '../jobs/jobs.ts'
import { Lag } from '../lag.ts'
import { GroupLeadLink } from '../messages/group-link.ts'
import { loopLink } from '../messages/loop-link.ts'
import type { DispatchOptions } from '../options.ts'
import { ResultFile } from '../results/result-file.ts'
import { summarize } from '../summary/summary.ts'
import { workerOf } from '../work/work.ts'
import type { Worker } from '../work/worker.ts'
import { Lead, type LeadEnd, type LeadProgress, type Stop } from './lead.ts'
import type { DispatchReport } from './report.ts'
import type { RankRecord } from './roll.ts'

/** Ranks that are well say goodbye at once; not much later than they would be lost, and at most: */
const PART_MS = 5000

export interface LeadingHooks {
  /** What people are to know, as it happens. */
  readonly onNotice?: (text: string) => void
  /** A rank's target is open, or cannot be opened. */
  readonly onRank?: (rank: RankRecord) => void
  readonly onProgress?: (progress: LeadProgress) => void
}

/** Rank 0's part, files included. */
export class Leading {
  readonly #options: DispatchOptions
  readonly #hooks: LeadingHooks
  readonly #jobs: Jobs
  readonly #file: ResultFile
  #lead: Lead | undefined
  #stop: Stop | undefined

  /** @throws WorkFileError, OutputExistsError, NotResumableError, OutputFailedError */
  static async prepare(options: DispatchOptions, hooks: LeadingHooks): Promise<Leading> {
    const { prompts, output, send = 'auto', sampling = {}, open, resume, force } = options
    // Where it is asked may change from run to run, as servers come and go.
    const settings = { sampling, send, model: open?.remote?.model }
    const jobs = readJobs(prompts, { as: send === 'chat' ? 'chat' : 'text', settings })
    const file = await ResultFile.open({
      path: output,
      jobs: jobs.length,
      digest: jobs.digest,
      ...(resume !== undefined && { resume }),
      ...(force !== undefined && { force }),
    })
    if (jobs.cutShort > 0)
      hooks.onNotice?.(`${jobs.cutShort} prompts go on as dialogues: their first turn alone is asked`)
    return new Leading(options, hooks, jobs, file)
  }

  private constructor(options: DispatchOptions, hooks: LeadingHooks, jobs: Jobs, file: ResultFile) {
    this.#options = options
    this.#hooks = hooks
    this.#jobs = jobs
    this.#file = file
  }

  get #partMs(): number {
    return Math.min(PART_MS, 1000 + (this.#options.heartbeatTimeoutMs ?? PART_MS))
  }

  stop(signal: Stop): void {
    if (this.#lead === undefined) this.#stop ??= signal
    else this.#lead.stop(signal)
  }

  /** `lost`: ranks that do not come to the end; `together`: all others do so with this one. @throws NoTargetError, OutputFailedError, MpiError */
  async run(
    group: Communicator | undefined,
  ): Promise<{ report: DispatchReport; lost: readonly RankRecord[]; together: boolean }> {
    const { policy, inflight, heartbeatTimeoutMs } = this.#options
    const loop = group === undefined || group.size === 1 ? loopLink() : undefined
    const file = this.#file
    const lead = new Lead({
      link: loop?.lead ?? new GroupLeadLink(group!),
      jobs: this.#jobs,
      keep: result => file.add(result),
      isDone: job => file.has(job),
      host: hostname(),
      ...(policy !== undefined && { policy }),
      ...(inflight !== undefined && { inflight }),
      ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }),
      ...this.#hooks,
    })
    this.#lead = lead
    using lag = new Lag()
    const own = loop && this.#executeHere(loop)
    const running = lead.run()
    if (this.#stop !== undefined) lead.stop(this.#stop)
    let end: LeadEnd
    try {
      end = await running
    } catch (error) {
      await lead.part(false, this.#partMs)
      throw error
    } finally {
      await this.#file.close()
    }
    const lagP99Ms = lag.p99Ms
    const whole = (end.state === 'done' || end.state === 'stopped') && end.lost.length === 0
    const missing = await lead.part(whole, this.#partMs)
    await own?.close()
    const lost = [...end.roll.all.filter(({ rank }) => end.lost.includes(rank)), ...missing]
    for (const each of missing) this.#hooks.onNotice?.(`rank ${each.rank} does not come to the end`)
    const together = whole && missing.length === 0
    const books =
      group === undefined || loop !== undefined || !together ? 'not compared' : await this.#compare(group, end)
    if (end.state === 'no target') throw new NoTargetError(noTarget(end.roll.all))
    return { report: reportOf(end, books, lagP99Ms), lost, together }
  }

  #executeHere({ worker: link }: ReturnType<typeof loopLink>): Worker {
    const worker = workerOf(this.#options, { link, rank: 0, worker: 0, host: hostname() })
    void worker.run()
    return worker
  }

  /** What came late or twice is in no book, as no rank was lost. */
  async #compare(group: Communicator, { books, state }: LeadEnd): Promise<DispatchReport['books']> {
    const totals = await within(PART_MS, addUp(group, { jobs: 0, ok: 0, outputTokens: 0, serviceMs: [] }))
    if (totals === undefined || state !== 'done') return 'not compared'
    const { count, ok, outputTokens } = books.all()
    const same =
      totals.jobs === count && totals.ok === ok && totals.outputTokens === outputTokens && gathered(totals) === ok
    if (!same) this.#hooks.onNotice?.('what the ranks added up is not what rank 0 has in its books')
    return same ? 'agree' : 'differ'
  }
}

function gathered({ serviceMs = [] }: Totals): number {
  return serviceMs.reduce((sum, { length }) => sum + length, 0)
}

function noTarget(ranks: readonly RankRecord[]): string {
  const reasons = new Set(ranks.map(({ reason }) => reason))
  return `no rank could open its target: ${[...reasons].join('; ')}`
}

function reportOf(end: LeadEnd, books: DispatchReport['books'], lagP99Ms: number): DispatchReport {
  const { state, stop, wallMs, cpuUs, linkUs, messages, lost, counts, roll } = end
  const summary = summarize(end.books, {
    wallMs,
    lost,
    counts,
    ranks: roll.all.map(({ rank, host, target, device }) => ({
      rank,
      ...(host !== '' && { host }),
      ...(target !== undefined && { target }),
      ...(device && { device }),
    })),
  })
  const perJob = (amount: number) => (summary.all.count === 0 ? 0 : amount / summary.all.count)
  const lags = roll.all.flatMap(({ rank, lagP99Ms }) => (lagP99Ms === undefined ? [] : [[rank, lagP99Ms] as const]))
  return {
    ...summary,
    state,
    ...(stop !== undefined && { stop }),
    lead: {
      cpuUsPerJob: perJob(cpuUs),
      messageUsPerJob: perJob(linkUs),
      messagesPerJob: perJob(messages),
      lagP99Ms,
    },
    lagP99Ms: Object.fromEntries(lags),
    books,
  }
}
