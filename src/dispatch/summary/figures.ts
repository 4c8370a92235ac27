import { type Spread, spreadOf } from './spread.ts'
import { type Tally, TIMES, type Time } from './tally.ts'

/**
 * What some results come to. Rates are over the whole run's wall-clock time, so that those of all ranks add up to the run's;
 * tokens and times are of jobs that are ok. Times: see `JobResult`; absent where none is known.
 */
export interface Figures extends Readonly<Partial<Record<Time, Spread>>> {
  readonly count: number
  readonly ok: number
  readonly failed: number
  /** Failures, by their code. */
  readonly errors: Readonly<Record<string, number>>
  /** Times that these jobs were handed out. */
  readonly attempts: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Of answers alone: what was asked is not output. */
  readonly outputTokensPerSecond: number
  readonly requestsPerSecond: number
}

export function figuresOf(tally: Tally, wallMs: number): Figures {
  const { count, ok, attempts, promptTokens, cachedTokens, outputTokens } = tally
  const times = TIMES.flatMap(time => {
    const spread = spreadOf(tally.times(time))
    return spread === undefined ? [] : [[time, spread] as const]
  })
  return {
    count,
    ok,
    failed: count - ok,
    errors: Object.fromEntries(tally.errors),
    attempts,
    promptTokens,
    cachedTokens,
    outputTokens,
    outputTokensPerSecond: perSecond(outputTokens, wallMs),
    requestsPerSecond: perSecond(ok, wallMs),
    ...(Object.fromEntries(times) as Partial<Record<Time, Spread>>),
  }
}

function perSecond(amount: number, wallMs: number): number {
  return wallMs > 0 ? (amount * 1000) / wallMs : 0
}
