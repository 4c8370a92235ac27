const MOST = 300
/** Of a run this short a bucket a second would leave nothing to see. */
const ENOUGH = 60
const WIDTHS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]

/**
 * A run's time in equal parts: of a second, where that makes neither hardly any nor more than a chart can show. Fewer
 * than {@link MOST} of a run of any length.
 */
export class TimeBuckets {
  readonly seconds: number
  readonly count: number

  /** From 0 to `endMs`. */
  constructor(endMs: number) {
    const length = endMs / 1000
    this.seconds =
      WIDTHS.find(width => (width < 1 ? length <= width * ENOUGH : length <= width * MOST)) ?? Math.ceil(length / MOST)
    this.count = Math.max(1, Math.ceil(length / this.seconds))
  }

  /** Which one a time lies in. */
  at(ms: number): number {
    return Math.min(this.count - 1, Math.max(0, Math.floor(ms / (this.seconds * 1000))))
  }

  /** Their ends, in s. */
  get ends(): readonly number[] {
    return Array.from({ length: this.count }, (_, i) => Math.round((i + 1) * this.seconds * 10) / 10)
  }

  /** Adds to each bucket the share of it that lies between two times. */
  cover(into: Float64Array, fromMs: number, toMs: number): void {
    const width = this.seconds * 1000
    const last = this.at(toMs)
    for (let i = this.at(fromMs); i <= last; i++) {
      into[i]! += Math.max(0, Math.min(toMs, (i + 1) * width) - Math.max(fromMs, i * width)) / width
    }
  }
}
