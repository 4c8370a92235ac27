import type { Phase } from '../record/request-record.ts'
import type { Extent, RunProgress, RunSpec } from './run.ts'
import type { Last } from './run-books.ts'

/** What is told of "now" is of so many ms. */
const RECENT_MS = 1000
/** Of what is to be done, where one part is counted in seconds and the other in requests. */
const WARM_UP_SHARE = 0.1

const PHASES: readonly Phase[] = ['warm-up', 'measure', 'cool-down']

interface Reading {
  readonly atMs: number
  readonly completed: number
  readonly failed: number
  readonly tokens: number
  readonly firsts: number
  readonly firstsMs: number
}

const START: Reading = { atMs: 0, completed: 0, failed: 0, tokens: 0, firsts: 0, firstsMs: 0 }

/** Makes of what clients tell how far the run has come and how fast it goes. */
export class ProgressMeter {
  /** Of the last second or so, and one before. */
  #readings: Reading[] = [START]

  constructor(private readonly spec: Pick<RunSpec, 'warmUp' | 'measure'>) {}

  opening(): RunProgress {
    return {
      phase: 'opening',
      elapsedMs: 0,
      done: 0,
      inFlight: 0,
      completed: 0,
      failed: 0,
      outputTokensPerSecond: 0,
      requestsPerSecond: 0,
      firstTokenMs: null,
    }
  }

  read(atMs: number, told: readonly Last[]): RunProgress {
    const sum = (of: (last: Last) => number) => told.reduce((sum, last) => sum + of(last), 0)
    const now: Reading = {
      atMs,
      completed: sum(({ counts }) => counts.completed),
      failed: sum(({ counts }) => counts.failed),
      tokens: sum(({ counts }) => counts.tokens),
      firsts: sum(({ counts }) => counts.firsts),
      firstsMs: sum(({ counts }) => counts.firstsMs),
    }
    this.#readings.push(now)
    while (this.#readings[1] && this.#readings[1].atMs <= atMs - RECENT_MS) this.#readings.shift()
    const before = this.#readings[0]!
    const seconds = Math.max(1e-3, (now.atMs - before.atMs) / 1000)
    const firsts = now.firsts - before.firsts
    return {
      phase: PHASES[Math.max(0, ...told.map(({ phase }) => PHASES.indexOf(phase)))]!,
      elapsedMs: atMs,
      done: this.#done(now),
      inFlight: sum(({ inFlight }) => inFlight),
      completed: now.completed,
      failed: now.failed,
      outputTokensPerSecond: (now.tokens - before.tokens) / seconds,
      requestsPerSecond: (now.completed - before.completed) / seconds,
      firstTokenMs: firsts > 0 ? (now.firstsMs - before.firstsMs) / firsts : null,
    }
  }

  #done({ atMs, completed, failed }: Reading): number {
    const { warmUp, measure } = this.spec
    const seconds = atMs / 1000
    const requests = completed + failed
    if ('seconds' in warmUp && 'seconds' in measure) return share(seconds, warmUp.seconds + measure.seconds)
    if ('requests' in warmUp && 'requests' in measure) return share(requests, warmUp.requests + measure.requests)
    return WARM_UP_SHARE * part(warmUp, seconds, requests) + (1 - WARM_UP_SHARE) * part(measure, seconds, requests)
  }
}

function part(extent: Extent, seconds: number, requests: number): number {
  return 'seconds' in extent ? share(seconds, extent.seconds) : share(requests, extent.requests)
}

function share(done: number, of: number): number {
  return of > 0 ? Math.min(1, done / of) : 1
}
