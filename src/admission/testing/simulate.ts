import { Random } from '../../statistics/index.ts'
import { Admission, type AdmissionOptions } from '../admission.ts'
import type { PriorityClass } from '../priority-class.ts'
import type { AdmissionRequest, Place, Tenant } from '../request.ts'
import type { AdmissionSnapshot } from '../snapshot.ts'
import { EventQueue } from './event-queue.ts'
import { SimulatedEngine, type SimulatedEngineOptions, USUAL_ENGINE } from './simulated-engine.ts'

type Range = readonly [from: number, to: number]

/** Clients that come at random and do not wait for each other. */
export interface Traffic {
  readonly tenant: Tenant
  readonly perSecond: number
  readonly prompt?: Range
  /** Tokens that each sequence generates. */
  readonly output?: Range
  /** How often a client comes back when it is told to. Default: never. */
  readonly returns?: number
  /** The part of clients that come back at all. Default: all. */
  readonly returning?: number
  readonly deadlineMs?: number
  readonly priority?: number
  readonly priorityClass?: PriorityClass
  readonly sequences?: number
}

export interface SimulationOptions {
  readonly seed: number
  readonly traffic: readonly Traffic[]
  readonly seconds: number
  /** What comes before does not count in tokens and waits. */
  readonly warmUpSeconds?: number
  readonly engine?: Partial<SimulatedEngineOptions>
  readonly queue?: Partial<Pick<AdmissionOptions, 'queueTokens' | 'queueTimeMs' | 'classes'>>
}

/** What became of one {@link Traffic}. */
export class Tally {
  arrived = 0
  completed = 0
  refused = 0
  /** Turned away after having been let wait. */
  rejected = 0
  /** Came back when it was told to, unless that was the longest time that anybody is told… */
  returned = 0
  /** …and was answered in the end, or still is being. */
  takenIn = 0
  /** Prompt and output tokens of those completed after the warm-up. */
  tokens = 0
  /** The output tokens among these. */
  outputTokens = 0
  readonly waits: number[] = []
  readonly retryAfterMs: number[] = []
}

export interface SimulationReport {
  readonly tallies: readonly Tally[]
  /** Tokens per second of completed requests, all in all. */
  readonly goodput: number
  /** The most that the waiting work was above its bound, when somebody was let wait beside others. */
  readonly excess: number
  readonly snapshot: AdmissionSnapshot
}

const PROMPT: Range = [20, 200]
const OUTPUT: Range = [16, 112]
const OUTPUT_LIMIT = 256
/** Retry-After counts whole seconds. */
const RETRY_AFTER_UNIT_MS = 1000
/** Whoever is told this has no booking. */
const LONGEST_RETRY_AFTER_MS = 600_000
/** A client comes back within so long of its time. */
const LATEST_MS = 200

/** One run of {@link Admission} before a {@link SimulatedEngine}: the same for the same options. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const { seed, traffic, seconds, warmUpSeconds = 10, queue } = options
  const time = new EventQueue()
  const random = new Random(seed)
  const engine = new SimulatedEngine(time, { ...USUAL_ENGINE, ...options.engine })
  const admission = new Admission({
    clock: time,
    queueTokens: 1_000_000,
    queueTimeMs: 10_000,
    capacity: () => engine.capacity(),
    ...queue,
  })
  const end = seconds * 1000
  let clients = 0
  let excess = 0

  const tallies = traffic.map(kind => {
    const tally = new Tally()
    const arrive = () => {
      time.after(random.exponential(1000 / kind.perSecond), arrive)
      tally.arrived++
      comeIn(newClient(kind, tally), false)
    }
    time.after(random.exponential(1000 / kind.perSecond), arrive)
    return tally
  })
  await time.runUntil(end)
  const tokens = tallies.reduce((sum, tally) => sum + tally.tokens, 0)
  return { tallies, goodput: tokens / (seconds - warmUpSeconds), excess, snapshot: admission.snapshot() }

  function newClient(kind: Traffic, tally: Tally) {
    const name = `client ${++clients}`
    const promptTokens = drawn(kind.prompt ?? PROMPT, random)
    const outputTokens = drawn(kind.output ?? OUTPUT, random)
    const comesBack = random.next() < (kind.returning ?? 1)
    const { sequences = 1, priority = 0, priorityClass, tenant, deadlineMs } = kind
    const request: AdmissionRequest = {
      tenant,
      promptTokens,
      outputTokens: Math.max(OUTPUT_LIMIT, outputTokens) * sequences,
      sequences,
      priority,
      fingerprint: () => name,
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(priorityClass !== undefined && { priorityClass }),
    }
    return { tally, request, outputTokens, returnsLeft: comesBack ? (kind.returns ?? 0) : 0 }
  }

  function comeIn(client: ReturnType<typeof newClient>, isReturn: boolean): void {
    const { tally, request } = client
    let place: Place
    try {
      place = admission.enter(request)
    } catch (error) {
      tally.refused++
      goAway(client, error as { retryAfterMs?: number })
      return
    }
    if (isReturn) tally.takenIn++
    if (place.turn === undefined) {
      run(client, place)
      return
    }
    const { waiting, waitingTokens, waitingTokensBound } = admission.snapshot()
    if (waiting > 1) excess = Math.max(excess, waitingTokens - waitingTokensBound)
    place.turn.then(
      () => run(client, place),
      error => {
        tally.rejected++
        if (isReturn) tally.takenIn--
        goAway(client, error)
      },
    )
  }

  function goAway(client: ReturnType<typeof newClient>, error: { retryAfterMs?: number }): void {
    if (error.retryAfterMs === undefined) return
    client.tally.retryAfterMs.push(error.retryAfterMs)
    if (client.returnsLeft-- <= 0) return
    const wait = Math.ceil(error.retryAfterMs / RETRY_AFTER_UNIT_MS) * RETRY_AFTER_UNIT_MS
    const isBooked = error.retryAfterMs < LONGEST_RETRY_AFTER_MS
    time.after(wait + random.next() * LATEST_MS, () => {
      if (isBooked) client.tally.returned++
      comeIn(client, isBooked)
    })
  }

  function run({ tally, request, outputTokens }: ReturnType<typeof newClient>, place: Place): void {
    const counts = time.now() >= warmUpSeconds * 1000
    if (counts) tally.waits.push(place.waitedMs)
    const done = () => {
      tally.completed++
      if (time.now() < warmUpSeconds * 1000) return
      tally.tokens += request.promptTokens + outputTokens * request.sequences
      tally.outputTokens += outputTokens * request.sequences
    }
    engine.add({ place, promptTokens: request.promptTokens, sequences: request.sequences, outputTokens, done })
  }
}

/** A whole number, both ends included. */
function drawn([from, to]: Range, random: Random): number {
  return from + random.int(to - from + 1)
}
