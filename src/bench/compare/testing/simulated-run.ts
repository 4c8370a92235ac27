import { Random } from '../../../statistics/index.ts'
import { measuresOf } from '../../measures/measures-of.ts'
import type { RequestRecord } from '../../record/request-record.ts'
import type { BenchReport, RunReport } from '../../report/bench-report.ts'
import { runReport } from '../../report/run-report.ts'
import type { RunResult } from '../../run/run.ts'

export interface SimulatedTarget {
  readonly ttftMs: number
  readonly itlMs: number
  /** The share of requests that fail. */
  readonly errors?: number
}

export interface Simulation {
  readonly seed: number
  readonly concurrency: number
  readonly seconds: number
  readonly outputTokens: number
  /** How far runs lie apart, as a share. */
  readonly betweenRuns: number
  /** How far the pace wanders within some hundred ms, as a share. */
  readonly wander: number
  /** Times a second that everything stands still for up to 30 ms. */
  readonly hiccups: number
}

const WARM_UP_MS = 500
/** The pace is another from one of these to the next. */
const TICK_MS = 20

/**
 * A closed loop's run of a target on a machine that has other things to do: the pace wanders, everything stands still now
 * and then, and no two runs are alike.
 */
export function simulatedRun(target: SimulatedTarget, simulation: Simulation): RunReport {
  const { concurrency, seconds, seed } = simulation
  const weather = new Weather(simulation)
  const toMs = WARM_UP_MS + seconds * 1000
  const records = Array.from({ length: concurrency }, (_, slot) => slotRecords(target, simulation, slot, weather, toMs))
  const result: RunResult = {
    spec: {
      target: 'mock:',
      work: {
        kind: 'synthetic',
        prompt: { kind: 'fixed', tokens: 100 },
        output: { kind: 'fixed', tokens: simulation.outputTokens },
        as: 'tokens',
      },
      load: { kind: 'closed', concurrency },
      seed,
      warmUp: { seconds: WARM_UP_MS / 1000 },
      measure: { seconds },
    },
    info: {
      model: 'mock',
      backend: 'mock',
      contextLength: 4096,
      vocabSize: 1000,
      parameters: 0,
      weightType: 'none',
      maxSequences: 64,
      kvBlockSize: 16,
      chat: true,
      samplingDefaults: {},
    },
    startedAt: '2026-11-21T17:00:00.000Z',
    window: { fromMs: WARM_UP_MS, toMs },
    records: records.flat().sort((a, b) => a.dueMs - b.dueMs),
    client: {
      processes: 1,
      cpu: 0.2,
      sendLag: { p50: 0, p99: 0, max: 0 },
      loopLag: { p50: 0, p99: 0, max: 0 },
      gcMs: 0,
      longestGcMs: 0,
      unsent: 0,
    },
    cutShort: null,
  }
  return runReport(result, measuresOf(result), {
    label: 'mock:',
    parameters: {},
    verdict: { valid: true, reasons: [] },
    calibration: null,
    phases: null,
    gpu: null,
  })
}

/** A report that holds these runs. */
export function simulatedReport(runs: readonly RunReport[], kind = 'run'): BenchReport {
  return {
    schema: 'warpline-bench/1',
    kind,
    command: 'warpline bench mock:',
    date: '2026-11-21T17:00:00.000Z',
    commit: 'abc',
    machine: { gpu: null, driver: null, cuda: null, cpu: 'some', cores: 2, node: '20' },
    runs,
    findings: [],
  }
}

function slotRecords(
  target: SimulatedTarget,
  { seed, outputTokens }: Simulation,
  slot: number,
  weather: Weather,
  toMs: number,
): RequestRecord[] {
  const random = new Random(seed, 1000 + slot)
  const records: RequestRecord[] = []
  let dueMs = random.next() * (target.ttftMs + target.itlMs * outputTokens)
  for (let turn = 0; dueMs < toMs; turn++) {
    const arrivalsMs = new Float64Array(outputTokens)
    let at = weather.after(dueMs, target.ttftMs) + random.exponential(0.2)
    for (let i = 0; i < outputTokens; i++) {
      arrivalsMs[i] = at
      at = weather.after(at, target.itlMs) + random.exponential(0.1)
    }
    const failed = random.next() < (target.errors ?? 0)
    const endMs = arrivalsMs[outputTokens - 1]! + 0.1
    records.push({
      id: `${slot}.${turn}`,
      index: slot + turn * 1000,
      turn: 0,
      phase: dueMs < WARM_UP_MS ? 'warm-up' : 'measure',
      dueMs,
      sentMs: dueMs,
      startMs: arrivalsMs[0]!,
      endMs,
      arrivalsMs,
      arrivalTokens: new Uint32Array(outputTokens).fill(1),
      promptTokens: 100,
      cachedTokens: 0,
      outputTokens,
      askedTokens: outputTokens,
      outcome: failed ? 'internal' : 'ok',
    })
    dueMs = endMs
  }
  return records
}

/** How fast time passes for the target, tick by tick. */
class Weather {
  readonly #pace: number[] = []
  readonly #random: Random
  readonly #run: number
  #wandered = 0

  constructor(readonly simulation: Simulation) {
    this.#random = new Random(simulation.seed)
    this.#run = Math.exp(simulation.betweenRuns * this.#random.normal())
  }

  /** When `ms` of work that begin at `at` are done. */
  after(at: number, ms: number): number {
    let now = at
    let left = ms * this.#run
    for (;;) {
      const tick = Math.floor(now / TICK_MS)
      const pace = this.#paceOf(tick)
      const end = (tick + 1) * TICK_MS
      const done = (end - now) / pace
      if (done >= left) return now + left * pace
      left -= done
      now = end
    }
  }

  #paceOf(tick: number): number {
    while (this.#pace.length <= tick) {
      const { wander, hiccups } = this.simulation
      this.#wandered = 0.9 * this.#wandered + Math.sqrt(0.19) * wander * this.#random.normal()
      const stalled = this.#random.next() < (hiccups * TICK_MS) / 1000
      this.#pace.push(Math.exp(this.#wandered) + (stalled ? 1.5 * this.#random.next() : 0))
    }
    return this.#pace[tick]!
  }
}
