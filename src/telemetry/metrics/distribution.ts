import type { HistogramSnapshot } from '../../statistics/index.ts'
import { parseNumber, type SampleLine } from './exposition-line.ts'
import type { HistogramSample, Labels } from './family.ts'

export interface SummarySample {
  readonly labels?: Labels
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
  readonly sum: number
  readonly count: number
}

interface Point {
  /** A bucket's bound, or a quantile. */
  readonly at: number
  readonly value: number
}

/** Of which lines a distribution consists: those of its points, and which label says where a point lies. */
const POINTS = {
  histogram: { suffix: '_bucket', label: 'le' },
  summary: { suffix: '', label: 'quantile' },
} as const

/** The lines of a histogram or a summary under one set of labels, put together again. */
export class Distribution {
  readonly #points: Point[] = []
  #sum: number | undefined
  #count: number | undefined

  constructor(
    private readonly family: string,
    private readonly type: keyof typeof POINTS,
    private readonly labels: Labels,
  ) {}

  /** A sample's labels without the one that says where a point lies. */
  static labelsOf({ labels }: SampleLine, type: keyof typeof POINTS): Labels {
    const { [POINTS[type].label]: _, ...own } = labels
    return own
  }

  /** Throws an Error that names the cause. */
  add({ name, labels, value }: SampleLine): void {
    const { suffix, label } = POINTS[this.type]
    if (name === this.family + suffix) this.#addPoint(labels[label], value)
    else if (labels[label] !== undefined) throw new Error(`${name} must not have the label ${label}`)
    else if (name.endsWith('_sum')) this.#sum = value
    else this.#count = value
  }

  /** Throws an Error that names the cause. */
  finish(): HistogramSample | SummarySample {
    const sum = this.#sum
    const count = this.#count
    if (sum === undefined) throw new Error(`${this.family}_sum is missing`)
    if (count === undefined) throw new Error(`${this.family}_count is missing`)
    const labels = Object.keys(this.labels).length > 0 && { labels: this.labels }
    if (this.type === 'histogram') return { ...labels, histogram: { ...this.#buckets(count), sum } }
    return { ...labels, quantiles: this.#points.map(({ at, value }) => ({ quantile: at, value })), sum, count }
  }

  #addPoint(where: string | undefined, value: number): void {
    const { label } = POINTS[this.type]
    if (where === undefined) throw new Error(`the label ${label} is missing`)
    const at = parseNumber(where)
    const last = this.#points.at(-1)
    if (Number.isNaN(at) || (last && at <= last.at))
      throw new Error(`${label}="${where}" is not above the one before it`)
    if (this.type === 'histogram' && !(value >= (last?.value ?? 0)))
      throw new Error(`the bucket up to ${where} counts less than the one before it`)
    this.#points.push({ at, value })
  }

  #buckets(count: number): Pick<HistogramSnapshot, 'bounds' | 'counts'> {
    const last = this.#points.at(-1)
    if (last?.at !== Number.POSITIVE_INFINITY) throw new Error(`${this.family} has no bucket up to +Inf`)
    if (last.value !== count) throw new Error(`${this.family}_count is ${count}, the bucket up to +Inf ${last.value}`)
    return {
      bounds: this.#points.slice(0, -1).map(({ at }) => at),
      counts: this.#points.map(({ value }, i) => value - (this.#points[i - 1]?.value ?? 0)),
    }
  }
}
