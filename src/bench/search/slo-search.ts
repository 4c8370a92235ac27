/** What one rate came to. */
export interface Probe {
  readonly rate: number
  /** Enough requests kept all objectives, and waiting did not grow. */
  readonly holds: boolean
  /** Short ones show the way, long ones decide. */
  readonly long: boolean
}

export interface SearchOptions {
  /** Where to begin, in requests per second: below what the target can do. */
  readonly start: number
  /** The answer lies at most so far below a rate that does not hold. Default 0.05. */
  readonly tolerance?: number
  /** After so many probes the best so far is the answer. Default 24. */
  readonly most?: number
}

export type Next =
  | { readonly kind: 'probe'; readonly rate: number; readonly long: boolean }
  /** `rate` held for long, null where none did; `above` did not, null where nothing failed. */
  | { readonly kind: 'done'; readonly rate: number | null; readonly above: number | null }

const TOLERANCE = 0.05
const MOST = 24
/** Of the start: below it there is no use in searching. */
const LEAST_SHARE = 1 / 1024
/** How far to go back when a rate that held for short does not hold for long. */
const BACK = 0.9

/**
 * The greatest rate that holds, step by step: what to probe next, by what was probed so far.
 *
 * Rates double until one fails (or halve until one holds), and then the gap is halved, on a logarithmic scale, by short
 * probes until it is as narrow as the tolerance. Then both its ends are probed for long, and where one turns out
 * otherwise the search goes on from there, by long probes only: these are right where they disagree with short ones.
 */
export function nextProbe(
  probes: readonly Probe[],
  { start, tolerance = TOLERANCE, most = MOST }: SearchOptions,
): Next {
  const { low, high, held, highIsSure } = boundsOf(probes)
  const long = probes.some(probe => probe.long)
  const done: Next = { kind: 'done', rate: held, above: high }
  const probe = (rate: number, isLong: boolean): Next => ({ kind: 'probe', rate: rounded(rate), long: isLong })
  if (probes.length >= most) return done
  if (low === null && high === null) return probe(start, false)
  if (high === null) return probe(low! * (long ? 1 + 2 * tolerance : 2), long)
  if (low === null) {
    const lower = high * (long ? BACK : 0.5)
    return lower < start * LEAST_SHARE ? done : probe(lower, long)
  }
  const middle = rounded(Math.sqrt(low * high))
  if (high > low * (1 + tolerance) && middle > low && middle < high) return probe(middle, long)
  if (low !== held) return probe(low, true)
  if (!highIsSure) return probe(high, true)
  return done
}

/** The greatest rate below all that fail, and the least that fails. Long probes overrule short ones. */
function boundsOf(probes: readonly Probe[]) {
  const long = probes.filter(probe => probe.long)
  const held = greatest(long.filter(({ holds }) => holds))
  const failed = least(long.filter(({ holds, rate }) => !holds && (held === null || rate > held)))
  const short = probes.filter(
    ({ long, rate }) => !long && (held === null || rate > held) && (failed === null || rate < failed),
  )
  const highOfShort = least(short.filter(({ holds }) => !holds))
  const high = highOfShort ?? failed
  // Where short probes were wrong once, they are not believed again.
  const lowOfShort =
    failed === null ? greatest(short.filter(({ holds, rate }) => holds && (high === null || rate < high))) : null
  const low = lowOfShort ?? held
  return { low, high, held, highIsSure: high === failed }
}

function greatest(probes: readonly Probe[]): number | null {
  return probes.length === 0 ? null : Math.max(...probes.map(({ rate }) => rate))
}

function least(probes: readonly Probe[]): number | null {
  return probes.length === 0 ? null : Math.min(...probes.map(({ rate }) => rate))
}

/** To three digits, as people write rates. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(3))
}
