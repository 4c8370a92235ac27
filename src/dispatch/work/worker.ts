import { setMaxListeners } from 'node:events'
import { type Clock, systemClock } from '../../clock/index.ts'
import { AbortedError, type Engine } from '../../engine/index.ts'
import { WarplineError } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import { within } from '../add-up.ts'
import { Lag } from '../lag.ts'
import type { WorkerLink } from '../messages/link.ts'
import type { JobOrder, ToWorker } from '../messages/message.ts'
import type { PostKernel } from '../post/post-kernel.ts'
import { Executor, type ExecutorOptions } from './executor.ts'
import { WorkerTally } from './worker-tally.ts'

const BEAT_MS = 500
const FLUSH_MS = 1000

/** What an executing rank runs on. */
export interface Workplace {
  readonly engine: Engine
  readonly target: string
  readonly device: string
  readonly post?: PostKernel
}

export interface WorkerOptions extends Omit<ExecutorOptions, 'post' | 'clock'> {
  readonly host: string
  /** Opens what is this rank's to run, once rank 0 has said where the rank stands. */
  open(place: { readonly localWorker: number; readonly localWorkers: number }): Promise<Workplace>
  /** The target's name, for where it cannot be opened. */
  readonly targetName: (place: { readonly localWorker: number; readonly localWorkers: number }) => string
  /** So long rank 0 may say nothing before it counts as gone. */
  readonly leadTimeoutMs: number
  readonly clock?: Clock
}

/** How an executing rank ended. */
export interface WorkerEnd {
  /** All ranks are there and add up what they did. */
  readonly together: boolean
  readonly tally: WorkerTally
  /** Why, where it is not that rank 0 said so. */
  readonly error?: unknown
}

/**
 * An executing rank: opens its target, runs what it is told to, says what became of it, and that it is alive. It decides
 * nothing: when there is no more to do, rank 0 says so.
 */
export class Worker {
  readonly #link: WorkerLink
  readonly #options: WorkerOptions
  readonly #clock: Clock
  readonly #tally = new WorkerTally()
  readonly #lag = new Lag()
  #workplace: Workplace | undefined
  #executor: Executor | undefined
  #running = forMany()
  #inFlight = 0
  #heardAt = 0
  #opened: Promise<void> = Promise.resolve()
  #end: (end: WorkerEnd) => void = () => {}

  constructor(link: WorkerLink, options: WorkerOptions) {
    this.#link = link
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** Resolves when rank 0 has said that there is no more, or is gone. */
  async run(): Promise<WorkerEnd> {
    const ended = new Promise<WorkerEnd>(resolve => {
      this.#end = resolve
    })
    const link = this.#link
    link.onMessage = message => this.#heed(message)
    link.onFault = error => this.#end({ together: false, tally: this.#tally, error })
    this.#heardAt = this.#clock.now()
    link.open()
    link.post({ kind: 'hello', pid: process.pid, host: this.#options.host, version: VERSION })
    const stop = this.#beat()
    const end = await ended
    stop()
    this.#running.abort()
    link.post({ kind: 'bye', lagP99Ms: this.#lag.p99Ms })
    // To a rank 0 that is gone it never is.
    await within(FLUSH_MS, link.flush())
    this.#lag[Symbol.dispose]()
    return end
  }

  /** Somebody told this rank that all is to end: rank 0 decides what that means. */
  signalled(signal: 'SIGINT' | 'SIGTERM'): void {
    this.#link.post({ kind: 'signal', signal })
  }

  /** Frees what it ran on; waits for a target that is still being opened. */
  async close(): Promise<void> {
    await this.#opened
    await this.#workplace?.post?.[Symbol.asyncDispose]()
    await this.#workplace?.engine.close()
  }

  #heed(message: ToWorker): void {
    this.#heardAt = this.#clock.now()
    if (message.kind === 'welcome') this.#opened = this.#open(message)
    else if (message.kind === 'jobs') for (const order of message.jobs) void this.#execute(order)
    else if (message.kind === 'again') this.#letGo()
    else if (message.kind === 'finish') this.#end({ together: message.together, tally: this.#tally })
  }

  async #open(place: { readonly localWorker: number; readonly localWorkers: number }): Promise<void> {
    const { host: _host, open, targetName, leadTimeoutMs: _timeout, ...rest } = this.#options
    try {
      const workplace = await open(place)
      this.#workplace = workplace
      const { engine, post } = workplace
      this.#executor = new Executor(engine, { ...rest, ...(post && { post }), clock: this.#clock })
      this.#ready()
    } catch (error) {
      const code = error instanceof WarplineError ? error.code : 'internal'
      const reason = error instanceof Error ? error.message : String(error)
      this.#link.post({ kind: 'refused', target: nameIn(targetName, place), code, reason })
    }
  }

  #ready(): void {
    const { engine, target, device } = this.#workplace!
    this.#link.post({ kind: 'ready', slots: engine.info.maxSequences, target, device })
  }

  async #execute(order: JobOrder): Promise<void> {
    const { signal } = this.#running
    this.#inFlight++
    try {
      const result = await this.#executor!.run(order, signal)
      if (signal.aborted) return
      this.#tally.add(result)
      this.#link.post({ kind: 'results', results: [result] })
    } catch (error) {
      if (!(error instanceof AbortedError)) this.#end({ together: false, tally: this.#tally, error })
    } finally {
      this.#inFlight--
    }
  }

  /** Its jobs are others' now. */
  #letGo(): void {
    this.#running.abort()
    this.#running = forMany()
    if (this.#workplace !== undefined) this.#ready()
  }

  #beat(): () => void {
    let cancel = () => {}
    let lastAt = this.#clock.now()
    const beat = () => {
      const now = this.#clock.now()
      // After standing still itself a rank has heard nobody, and holds that against nobody.
      if (now - lastAt > this.#options.leadTimeoutMs / 2) this.#heardAt = now
      lastAt = now
      if (now - this.#heardAt > this.#options.leadTimeoutMs) {
        const error = new LeadLostError(`rank 0 said nothing for ${this.#options.leadTimeoutMs / 1000} s`)
        this.#end({ together: false, tally: this.#tally, error })
        return
      }
      this.#link.post({ kind: 'beat', inFlight: this.#inFlight })
      cancel = this.#clock.at(now + BEAT_MS, beat)
    }
    cancel = this.#clock.at(lastAt + BEAT_MS, beat)
    return () => cancel()
  }
}

/** Heard by every job that runs, however many. */
function forMany(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/** Without rank 0 there is nobody to work for. */
export class LeadLostError extends WarplineError {
  override readonly code = 'rank_lost'
}

function nameIn(name: WorkerOptions['targetName'], place: Parameters<WorkerOptions['targetName']>[0]): string {
  try {
    return name(place)
  } catch {
    return '?'
  }
}
