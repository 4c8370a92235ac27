import { type Clock, systemClock } from '../../clock/index.ts'
import { VERSION } from '../../version.ts'
import type { Job } from '../job.ts'
import type { JobResult } from '../job-result.ts'
import type { LeadLink } from '../messages/link.ts'
import type { RankResult, ToLead } from '../messages/message.ts'
import type { SchedulingPolicy } from '../schedule/policies.ts'
import type { ScheduleCounts } from '../schedule/schedule-counts.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { Books } from '../summary/books.ts'
import { isAlive } from './is-alive.ts'
import { type RankRecord, Roll } from './roll.ts'

const BEAT_MS = 500

/** From SIGTERM on: Open MPI's mpirun kills one second after it. */
const TERM_MS = 800

export type Stop = 'SIGINT' | 'SIGTERM'

export interface LeadOptions {
  readonly link: LeadLink
  readonly jobs: { readonly length: number; job(index: number): Job }
  /** Takes each job's one result. */
  readonly keep: (result: JobResult) => void
  /** What an earlier run has done. */
  readonly isDone?: (job: number) => boolean
  readonly policy?: SchedulingPolicy
  readonly inflight?: number
  readonly maxAttempts?: number
  /** Default 5000. */
  readonly heartbeatTimeoutMs?: number
  /** Rank 0's own: whether a rank's process lives can be seen there alone. */
  readonly host: string
  readonly clock?: Clock
  /** What people are to know, as it happens. */
  readonly onNotice?: (text: string) => void
  readonly onRank?: (rank: RankRecord) => void
  readonly onProgress?: (progress: LeadProgress) => void
}

export interface LeadProgress {
  readonly jobs: number
  /** Settled or given up; by an earlier run too. */
  readonly done: number
  readonly failed: number
  readonly inFlight: number
  readonly elapsedMs: number
}

/**
 * `done`: each job has its result. `stopped`: somebody wanted it to end. `stuck`: nobody is left to do the rest. `no target`:
 * no rank could open its target.
 */
export type LeadState = 'done' | 'stopped' | 'stuck' | 'no target'

export interface LeadEnd {
  readonly state: LeadState
  readonly stop: Stop | undefined
  /** From the first job handed out to the last result. */
  readonly wallMs: number
  /** Of rank 0's process in that time, in µs: all of it, and what its link took. */
  readonly cpuUs: number
  readonly linkUs: number
  readonly messages: number
  readonly books: Books
  readonly counts: ScheduleCounts
  /** Ranks that were lost, and did not come back. */
  readonly lost: readonly number[]
  readonly roll: Roll
}

/**
 * Rank 0: hands jobs out, takes results in, and sees to it that each job has one, whatever becomes of the ranks.
 *
 * @example
 * const end = await new Lead({ link, jobs, keep: result => file.add(result), host: hostname() }).run()
 */
export class Lead {
  readonly #options: LeadOptions
  readonly #link: LeadLink
  readonly #clock: Clock
  readonly #roll: Roll
  readonly #scheduler: Scheduler
  readonly #timeoutMs: number
  readonly #books = new Books()
  #failed = 0
  #openedAt = 0
  #firstAt: number | undefined
  #lastAt = 0
  #cpu: { readonly usage: NodeJS.CpuUsage; readonly linkUs: number; readonly messages: number } | undefined
  #cpuUs = 0
  #stop: Stop | undefined
  #cancelTick = () => {}
  #cancelStop = () => {}
  #givenUp = 0
  #over: LeadState | undefined
  #resolve: (state: LeadState) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #onBye = () => {}

  constructor(options: LeadOptions) {
    const { link, jobs, policy, inflight, maxAttempts, isDone, heartbeatTimeoutMs = 5000 } = options
    this.#options = options
    this.#link = link
    this.#clock = options.clock ?? systemClock
    this.#roll = new Roll(link.ranks)
    this.#timeoutMs = heartbeatTimeoutMs
    this.#scheduler = new Scheduler({
      jobs: jobs.length,
      ranks: link.ranks,
      heartbeatTimeoutMs,
      ...(policy !== undefined && { policy }),
      ...(inflight !== undefined && { inflight }),
      ...(maxAttempts !== undefined && { maxAttempts }),
      ...(isDone !== undefined && { isDone }),
    })
  }

  get roll(): Roll {
    return this.#roll
  }

  /** Resolves when nothing more will be done. @throws what the link throws when it breaks as a whole */
  async run(): Promise<LeadEnd> {
    const over = new Promise<LeadState>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#openedAt = this.#clock.now()
    this.#link.onMessage = (rank, message) => this.#heed(rank, message)
    this.#link.onFault = (rank, error) => {
      if (rank === undefined) this.#reject(error)
      else this.#exclude(rank, error instanceof Error ? error.message : String(error))
    }
    this.#link.open()
    this.#tick()
    this.#look()
    try {
      return this.#end(await over)
    } finally {
      this.#cancelTick()
      this.#cancelStop()
    }
  }

  /**
   * Somebody wants it to end: nothing more is handed out, and what is under way is finished; after SIGTERM, as far as there is
   * time. `again`: a second time ends it at once.
   */
  stop(signal: Stop, { again = true }: { readonly again?: boolean } = {}): void {
    if (this.#over !== undefined) return
    if (this.#stop !== undefined) {
      if (again) this.#finish('stopped')
      return
    }
    this.#stop = signal
    this.#scheduler.drain()
    if (signal === 'SIGTERM')
      this.#cancelStop = this.#clock.at(this.#clock.now() + TERM_MS, () => this.#finish('stopped'))
    this.#look()
  }

  /** Tells all ranks that are there that it is over. Resolves when they have said so too, with those that have not by then. */
  async part(together: boolean, deadlineMs: number): Promise<readonly RankRecord[]> {
    const there = this.#roll.all.filter(({ rank, gone }) => !gone && !this.#scheduler.lost.includes(rank))
    for (const { rank } of there) this.#link.post(rank, { kind: 'finish', together })
    const missing = () => there.filter(({ gone }) => !gone)
    await new Promise<void>(resolve => {
      const cancel = this.#clock.at(this.#clock.now() + deadlineMs, resolve)
      this.#onBye = () => {
        if (missing().length > 0) return
        cancel()
        resolve()
      }
      this.#onBye()
    })
    return missing()
  }

  #heed(rank: number, message: ToLead): void {
    const now = this.#clock.now()
    const record = this.#roll.of(rank)
    if (record.excluded) return
    this.#scheduler.heard(rank, now)
    const isLost = this.#scheduler.lost.includes(rank)
    if (message.kind === 'hello') this.#greet(record, message)
    else if (message.kind === 'ready') this.#ready(record, message, isLost, now)
    else if (message.kind === 'refused') this.#refused(record, message)
    else if (message.kind === 'bye') {
      record.gone = true
      record.lagP99Ms = message.lagP99Ms
      this.#onBye()
    } else if (message.kind === 'signal') this.stop(message.signal, { again: false })
    else if (isLost) this.#link.post(rank, { kind: 'again' })
    else if (message.kind === 'results') for (const result of message.results) this.#settle(rank, result, now)
    if (this.#over === undefined) this.#look()
  }

  #greet(record: RankRecord, { pid, host, version }: Extract<ToLead, { kind: 'hello' }>): void {
    record.pid = pid
    record.host = host
    record.state = 'there'
    if (version !== VERSION) this.#exclude(record.rank, `it runs version ${version}, and rank 0 version ${VERSION}`)
    if (this.#roll.complete) this.#welcome()
  }

  /** Once all are there, each knows where it stands on its host. */
  #welcome(): void {
    for (const record of this.#roll.all) {
      if (record.state === 'silent' || record.welcomed || record.excluded) continue
      record.welcomed = true
      this.#link.post(record.rank, { kind: 'welcome', ...this.#roll.seatOf(record.rank) })
    }
  }

  #ready(record: RankRecord, message: Extract<ToLead, { kind: 'ready' }>, isLost: boolean, now: number): void {
    const isNew = record.state !== 'ready'
    record.state = 'ready'
    record.target = message.target
    record.device = message.device
    this.#scheduler.ready(record.rank, message.slots, now)
    if (isNew) this.#options.onRank?.(record)
    if (isLost) this.#notice(`${nameOf(record)} is back, and gets jobs again`)
  }

  #refused(record: RankRecord, { target, code, reason }: Extract<ToLead, { kind: 'refused' }>): void {
    Object.assign(record, { state: 'refused', target, code, reason })
    this.#scheduler.leaveOut(record.rank)
    this.#options.onRank?.(record)
  }

  #settle(rank: number, result: RankResult, now: number): void {
    const { job, attempt, heldMs, tries, ttftMs, error, ...said } = result
    const handedAt = this.#scheduler.handedOutAt(job)
    if (!this.#scheduler.settled(rank, job, attempt, now)) return
    const dueAt = this.#scheduler.dueAt(job)
    // On its way there and back a job takes what the rank did not: about half of it each way.
    const thereMs = Math.max(0, now - handedAt - heldMs) / 2
    this.#keep({
      index: job,
      ok: said.ok,
      ...(said.text !== undefined && { text: said.text }),
      ...(said.finishReason !== undefined && { finishReason: said.finishReason }),
      promptTokens: said.promptTokens,
      cachedTokens: said.cachedTokens,
      outputTokens: said.outputTokens,
      latencyMs: now - dueAt,
      waitMs: handedAt - dueAt,
      ...(ttftMs !== undefined && { ttftMs: thereMs + ttftMs }),
      serviceMs: said.serviceMs,
      ...(said.postMs !== undefined && { postMs: said.postMs }),
      rank,
      attempts: attempt - 1 + tries,
      ...(error !== undefined && { error }),
    })
    this.#lastAt = now
  }

  #keep(result: JobResult): void {
    if (!result.ok) this.#failed++
    this.#books.add(result)
    try {
      this.#options.keep(result)
    } catch (error) {
      // What cannot be kept need not be done.
      this.#reject(error)
    }
  }

  #lose(rank: number, why: string): void {
    const record = this.#roll.of(rank)
    record.losses++
    const jobs = this.#scheduler.lose(rank)
    const what =
      jobs.length === 0 ? '' : `: ${jobs.length === 1 ? 'its job goes' : `its ${jobs.length} jobs go`} to others`
    this.#notice(`${nameOf(record)} ${why}${what}`)
    this.#giveUp(rank)
  }

  /** Jobs whose ranks were lost too often have a result as well: that they have none. */
  #giveUp(rank: number): void {
    const { gaveUp } = this.#scheduler
    const now = this.#clock.now()
    for (; this.#givenUp < gaveUp.length; this.#givenUp++) {
      const index = gaveUp[this.#givenUp]!
      const [dueAt, handedAt] = [this.#scheduler.dueAt(index), this.#scheduler.handedOutAt(index)]
      this.#keep({
        index,
        ok: false,
        promptTokens: 0,
        cachedTokens: 0,
        outputTokens: 0,
        latencyMs: now - dueAt,
        waitMs: handedAt - dueAt,
        serviceMs: 0,
        rank,
        attempts: this.#options.maxAttempts ?? 3,
        error: { code: 'rank_lost', message: `every rank that had it was lost, at last rank ${rank}` },
      })
    }
  }

  #exclude(rank: number, reason: string): void {
    const record = this.#roll.of(rank)
    if (record.excluded) return
    Object.assign(record, { excluded: true, reason })
    this.#lose(rank, `is left out, as ${reason}`)
    this.#look()
  }

  #tick(): void {
    const now = this.#clock.now()
    for (const { rank, state, pid, host } of this.#roll.all) {
      // While a model loads, its rank may be too busy to say anything.
      const isOpening = state === 'there' && (host !== this.#options.host || isAlive(pid))
      if (isOpening) this.#scheduler.heard(rank, now)
      if (!this.#scheduler.lost.includes(rank)) this.#link.post(rank, { kind: 'beat' })
    }
    for (const rank of this.#scheduler.overdue(now)) this.#lose(rank, `was silent for ${this.#timeoutMs / 1000} s`)
    if (now - this.#openedAt > this.#timeoutMs / 2) this.#welcome()
    this.#look()
    this.#tell(now)
    this.#cancelTick = this.#clock.at(now + Math.min(BEAT_MS, this.#timeoutMs / 4), () => this.#tick())
  }

  /** Hands out what may be, and sees whether it is over. */
  #look(): void {
    if (this.#over !== undefined) return
    this.#handOut()
    if (this.#scheduler.finished) this.#finish(this.#scheduler.counts.waiting > 0 ? 'stopped' : 'done')
    else if (this.#scheduler.stuck)
      this.#finish(this.#roll.all.every(({ state }) => state === 'refused') ? 'no target' : 'stuck')
  }

  #handOut(): void {
    const now = this.#clock.now()
    for (const { rank, job, attempt } of this.#scheduler.next(now)) {
      if (this.#firstAt === undefined) {
        const { us, messages } = this.#link.cost
        this.#cpu = { usage: process.cpuUsage(), linkUs: us, messages }
        this.#firstAt = now
      }
      const { index, ...order } = this.#options.jobs.job(job)
      this.#link.post(rank, { kind: 'jobs', jobs: [{ job: index, attempt, ...order }] })
    }
  }

  #finish(state: LeadState): void {
    if (this.#over !== undefined) return
    this.#over = state
    const { user, system } = process.cpuUsage(this.#cpu?.usage)
    this.#cpuUs = user + system
    this.#resolve(state)
  }

  #end(state: LeadState): LeadEnd {
    const { us, messages } = this.#link.cost
    const { counts, lost } = this.#scheduler
    this.#tell(this.#clock.now())
    return {
      state,
      stop: this.#stop,
      wallMs: this.#firstAt === undefined ? 0 : Math.max(0, this.#lastAt - this.#firstAt),
      cpuUs: this.#firstAt === undefined ? 0 : this.#cpuUs,
      linkUs: us - (this.#cpu?.linkUs ?? us),
      messages: messages - (this.#cpu?.messages ?? messages),
      books: this.#books,
      counts,
      lost,
      roll: this.#roll,
    }
  }

  #tell(now: number): void {
    const { jobs, doneBefore, settled, gaveUp, inFlight } = this.#scheduler.counts
    const done = doneBefore + settled + gaveUp
    this.#options.onProgress?.({ jobs, done, failed: this.#failed, inFlight, elapsedMs: now - this.#openedAt })
  }

  #notice(text: string): void {
    this.#options.onNotice?.(text)
  }
}

/** `rank 2 (host one, process 4711)` */
export function nameOf({ rank, host, pid }: RankRecord): string {
  return pid === 0 ? `rank ${rank}` : `rank ${rank} (${host}, process ${pid})`
}
