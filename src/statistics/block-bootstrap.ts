import { blockLength } from './autocorrelation.ts'
import { deviation, sum } from './moments.ts'
import { normalQuantile, studentQuantile } from './normal.ts'
import { quantile } from './quantile.ts'
import { Random } from './random.ts'

export interface BootstrapOptions {
  /** Times that the series is drawn anew. Default 1000. */
  readonly resamples?: number
  /** Default 0.95. */
  readonly confidence?: number
  /** Default 1. */
  readonly seed?: number
}

/** How far chance may have moved a figure. */
export interface Spread {
  /** Below and above the figure, as differences from it: `low` is not above 0, `high` not below. */
  readonly low: number
  readonly high: number
  /** The figure's standard error. */
  readonly error: number
}

/** Fewer independent blocks than this say nothing of how blocks differ. */
const FEWEST_BLOCKS = 5
/** Of longer series neighbours are drawn together: it is their blocks that matter, and time is saved. */
const MOST_VALUES = 5000

/**
 * How sure a ratio of two sums over a series is: a mean (values over ones), a share (hits over tries), a rate (tokens
 * over seconds). Undefined where the series is too short to tell.
 *
 * Blocks of neighbours are drawn with replacement, so that what neighbours have in common is kept: the circular block
 * bootstrap of Politis and Romano, 1992, with blocks of {@link blockLength} of the ratio's residuals. The percentile
 * interval is stretched by √(b / (b − 1)) · t / z for b blocks, as few blocks would make it too narrow: Hesterberg, "What
 * Teachers Should Know About the Bootstrap", 2015, §4.3.
 */
export function ratioSpread(
  allNumerators: Float64Array,
  allDenominators: Float64Array,
  { resamples = 1000, confidence = 0.95, seed = 1 }: BootstrapOptions = {},
): Spread | undefined {
  const numerators = shortened(allNumerators)
  const denominators = shortened(allDenominators)
  const { length: n } = numerators
  const total = sum(denominators)
  if (n < FEWEST_BLOCKS || !(total > 0)) return undefined
  const ratio = sum(numerators) / total
  const length = blockLength(numerators.map((numerator, i) => numerator - ratio * denominators[i]!))
  const blocks = n / length
  if (blocks < FEWEST_BLOCKS) return undefined

  const drawn = drawRatios(numerators, denominators, length, resamples, new Random(seed))
  for (let i = 0; i < drawn.length; i++) drawn[i]! -= ratio
  drawn.sort()
  const tail = (1 + confidence) / 2
  const few = Math.sqrt(blocks / (blocks - 1))
  const stretch = (few * studentQuantile(tail, blocks - 1)) / normalQuantile(tail)
  return {
    low: Math.min(0, stretch * quantile(drawn, 1 - tail)),
    high: Math.max(0, stretch * quantile(drawn, tail)),
    error: few * deviation(drawn),
  }
}

function shortened(values: Float64Array): Float64Array {
  const together = Math.ceil(values.length / MOST_VALUES)
  if (together <= 1) return values
  const sums = new Float64Array(Math.ceil(values.length / together))
  for (const [i, value] of values.entries()) sums[Math.floor(i / together)]! += value
  return sums
}

/**
 * Each of n values in all, in blocks of `length` that begin anywhere and go on at the beginning. Millions of beginnings are
 * drawn: by xorshift (Marsaglia, 2003), which a loop keeps in a register.
 */
function drawRatios(
  numerators: Float64Array,
  denominators: Float64Array,
  length: number,
  resamples: number,
  random: Random,
): Float64Array {
  const { length: n } = numerators
  const upper = blockSums(numerators, length)
  const lower = blockSums(denominators, length)
  const rest = n % length
  const upperRest = blockSums(numerators, rest)
  const lowerRest = blockSums(denominators, rest)
  const whole = Math.floor(n / length)
  const perBit = n / 2 ** 32
  const drawn = new Float64Array(resamples)
  let kept = 0
  let bits = 1 + random.int(2 ** 32 - 1)
  for (let sample = 0; sample < resamples; sample++) {
    let above = 0
    let below = 0
    for (let block = 0; block <= whole; block++) {
      bits ^= bits << 13
      bits ^= bits >>> 17
      bits ^= bits << 5
      const start = Math.floor((bits >>> 0) * perBit)
      above += block < whole ? upper[start]! : upperRest[start]!
      below += block < whole ? lower[start]! : lowerRest[start]!
    }
    // A sample without anything to divide by is none.
    if (below > 0) drawn[kept++] = above / below
  }
  return drawn.subarray(0, kept)
}

/** Of the block that begins at each place. */
function blockSums(values: Float64Array, length: number): Float64Array {
  const { length: n } = values
  const sums = new Float64Array(n)
  let total = 0
  for (let i = 0; i < length; i++) total += values[i]!
  for (let i = 0; i < n; i++) {
    sums[i] = total
    total += values[(i + length) % n]! - values[i]!
  }
  return sums
}
