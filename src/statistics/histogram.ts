/** What a {@link Histogram} held at one moment; plain data, so it crosses threads. */
export interface HistogramSnapshot {
  /** Upper bounds of the buckets, ascending, each inclusive; what lies above the last has a bucket of its own. */
  readonly bounds: readonly number[]
  /** One more than `bounds`; not cumulative. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Counts values by buckets. Recording takes a few comparisons and no memory. */
export class Histogram {
  readonly #counts: number[]
  #sum = 0

  /** `bounds` must ascend. */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = new Array(bounds.length + 1).fill(0)
  }

  /** Of all values. */
  get sum(): number {
    return this.#sum
  }

  record(value: number, times = 1): void {
    let low = 0
    let high = this.bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (value <= this.bounds[middle]!) high = middle
      else low = middle + 1
    }
    this.#counts[low]! += times
    this.#sum += value * times
  }

  snapshot(): HistogramSnapshot {
    return { bounds: this.bounds, counts: [...this.#counts], sum: this.#sum }
  }
}

/**
 * Bounds that grow by a constant factor, rounded to two significant digits.
 *
 * @example
 * logBounds(0.1, 1, 3) // [0.1, 0.22, 0.46, 1]
 */
export function logBounds(from: number, to: number, perDecade: number): readonly number[] {
  const steps = Math.round(Math.log10(to / from) * perDecade)
  return Array.from({ length: steps + 1 }, (_, i) => Number((from * 10 ** (i / perDecade)).toPrecision(2)))
}
