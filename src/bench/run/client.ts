import type { Clock } from '../../clock/index.ts'
import type { Engine } from '../../engine/index.ts'
import { arrivals } from '../load/arrivals.ts'
import type { ClosedLoad } from '../load/load.ts'
import type { RecordColumns } from '../record/record-columns.ts'
import type { Phase } from '../record/request-record.ts'
import type { Work } from '../work/work.ts'
import { ClosedLoop } from './closed-loop.ts'
import { type Counts, Ledger } from './ledger.ts'
import { type LoadLoop, partOf, type Share } from './load-loop.ts'
import { OpenLoop } from './open-loop.ts'
import { Phases } from './phases.ts'
import { Requester } from './requester.ts'
import type { Extent, RunSpec } from './run.ts'
import { expectedSeconds, mustAgree, rampMs } from './schedule.ts'

const DEFAULT_TIMEOUT_MS = 600_000
/** An engine that was told to abort has so long, in ms, before its requests are counted as over without it. */
const GRACE_MS = 3000

export interface ClientOptions {
  readonly spec: RunSpec
  readonly runId: string
  readonly share: Share
  readonly engine: Engine
  readonly work: Work
  /** 0 is the run's start. */
  readonly clock: Clock
  /** All that counts has ended here. A run's only client stops by itself then. */
  readonly onMeasured: () => void
  /** Of several clients: this one has warmed up; see {@link Phases}. */
  readonly onWarm: () => void
}

/** What a client has to tell since it was asked last. */
export interface Told {
  readonly columns: RecordColumns
  readonly counts: Counts
  readonly inFlight: number
  readonly phase: Phase
}

/** One client's share of a load: from the run's start until it is told to stop and all has ended. */
export class Client {
  readonly #phases: Phases
  readonly #ledger = new Ledger()
  readonly #requester: Requester
  readonly #loop: LoadLoop
  readonly #over: Promise<void>
  #endOver: (error?: unknown) => void = () => {}
  #cancelCheck: (() => void) | undefined
  #cancelGrace: (() => void) | undefined
  #measured = false
  #stopped = false
  #error: unknown

  constructor(private readonly options: ClientOptions) {
    const { spec, share, engine, clock, runId } = options
    const { warmUp, measure, load } = spec
    // An open load's requests are numbered in every client, also those of the others.
    const closed = load.kind === 'closed'
    this.#phases = new Phases({
      warmUp: closed ? extentOf(warmUp, load, share) : warmUp,
      measure: closed ? extentOf(measure, load, share) : measure,
      onWarm: mustAgree(spec, share.of) ? options.onWarm : undefined,
    })
    this.#requester = new Requester({
      engine,
      clock,
      ledger: this.#ledger,
      runId,
      timeline: spec.timeline ?? true,
      timeoutMs: spec.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    })
    this.#loop = this.#makeLoop()
    this.#over = new Promise((resolve, reject) => {
      this.#endOver = () => (this.#error === undefined ? resolve() : reject(this.#error))
    })
  }

  /** Resolves once it was stopped and nothing is under way. @throws what the work or its engine should never have thrown */
  async run(): Promise<void> {
    const { clock } = this.options
    clock.at(0, () => this.#start())
    await this.#over
  }

  measureFrom(ms: number): void {
    this.#phases.measureFrom(ms)
    this.#awaitEnd()
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#cancelCheck?.()
    const { clock } = this.options
    this.#loop.stop()
    this.#requester.stop()
    this.#cancelGrace = clock.at(clock.now() + GRACE_MS, () => {
      this.#requester.abandon()
      this.#check()
    })
    this.#check()
  }

  take(): Told {
    return {
      columns: this.#ledger.take(),
      counts: this.#ledger.counts(),
      inFlight: this.#requester.inFlight,
      phase: this.#phases.latest,
    }
  }

  #start(): void {
    if (this.#stopped) return
    try {
      this.#loop.start()
    } catch (error) {
      this.#fail(error)
    }
    this.#check()
    this.#awaitEnd()
  }

  /** The measured part may end with nothing under way, and so with no answer that says so. */
  #awaitEnd(): void {
    const { toMs } = this.#phases
    this.#cancelCheck?.()
    if (Number.isFinite(toMs)) this.#cancelCheck = this.options.clock.at(toMs, () => this.#check())
  }

  #makeLoop(): LoadLoop {
    const { spec, share, work, clock } = this.options
    const shared = {
      clock,
      work,
      share,
      requester: this.#requester,
      phases: this.#phases,
      onEnd: () => this.#check(),
      onError: (error: unknown) => this.#fail(error),
    }
    const { load } = spec
    if (load.kind === 'closed') return new ClosedLoop({ ...shared, load, rampMs: rampMs(spec) })
    return new OpenLoop({
      ...shared,
      arrivals: arrivals(load, spec.seed, expectedSeconds(spec)),
      maxInFlight: load.kind === 'open' ? load.maxInFlight : undefined,
    })
  }

  #check(): void {
    if (this.#stopped) {
      if (this.#requester.inFlight > 0) return
      this.#cancelGrace?.()
      this.#endOver()
    } else if (!this.#measured && this.#phases.isOver(this.#loop.nextMs)) {
      this.#measured = true
      if (this.options.share.of === 1) this.stop()
      this.options.onMeasured()
    }
  }

  #fail(error: unknown): void {
    this.#error ??= error
    this.stop()
  }
}

/** Of so many requests, as many as this client's slots are of all. */
function extentOf(extent: Extent, { concurrency }: ClosedLoad, share: Share): Extent {
  if (!('requests' in extent)) return extent
  const slots = partOf(concurrency, share)
  const before = slotsBefore(concurrency, share)
  const upTo = (slots: number) => Math.floor((extent.requests * slots) / concurrency)
  return { requests: upTo(before + slots) - upTo(before) }
}

function slotsBefore(concurrency: number, { number, of }: Share): number {
  return number * Math.floor(concurrency / of) + Math.min(number, concurrency % of)
}
