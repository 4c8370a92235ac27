import { Distribution, type SummarySample } from './distribution.ts'
import { ExpositionError } from './exposition-error.ts'
import type { SampleLine } from './exposition-line.ts'
import type { ExpositionType, HistogramSample, NumberSample } from './family.ts'

export interface ParsedFamily {
  readonly name: string
  /** `untyped` where nothing is said. */
  readonly type: ExpositionType
  /** Empty where nothing is said. */
  readonly help: string
  /** Histograms and summaries where that is the type, else numbers. */
  readonly samples: readonly (NumberSample | HistogramSample | SummarySample)[]
}

/** A family whose lines are being read. */
export class OpenFamily {
  #type: ExpositionType | undefined
  #help: string | undefined
  readonly #numbers: NumberSample[] = []
  readonly #distributions = new Map<string, { readonly distribution: Distribution; line: number }>()
  readonly #seen = new Set<string>()

  constructor(readonly name: string) {}

  get type(): ExpositionType {
    return this.#type ?? 'untyped'
  }

  setHelp(help: string): void {
    if (this.#help !== undefined) throw new Error(`${this.name} has two HELP lines`)
    this.#help = help
  }

  setType(type: ExpositionType): void {
    if (this.#type !== undefined) throw new Error(`${this.name} has two TYPE lines`)
    if (this.#seen.size > 0) throw new Error(`the TYPE of ${this.name} comes after its first sample`)
    this.#type = type
  }

  add(sample: SampleLine, line: number): void {
    const key = keyOf(sample.labels) + sample.name
    if (this.#seen.has(key)) throw new Error(`${sample.name} stands twice with the same labels`)
    this.#seen.add(key)
    if (this.type === 'histogram' || this.type === 'summary') this.#addTo(this.type, sample, line)
    else {
      const { labels, value } = sample
      this.#numbers.push(Object.keys(labels).length > 0 ? { labels, value } : { value })
    }
  }

  finish(): ParsedFamily {
    const samples = [...this.#distributions.values()].map(({ distribution, line }) => {
      try {
        return distribution.finish()
      } catch (error) {
        throw new ExpositionError(line, (error as Error).message)
      }
    })
    const { name, type } = this
    return { name, type, help: this.#help ?? '', samples: [...this.#numbers, ...samples] }
  }

  #addTo(type: 'histogram' | 'summary', sample: SampleLine, line: number): void {
    const labels = Distribution.labelsOf(sample, type)
    const key = keyOf(labels)
    const known = this.#distributions.get(key)
    const { distribution } = known ?? { distribution: new Distribution(this.name, type, labels) }
    distribution.add(sample)
    this.#distributions.set(key, { distribution, line })
  }
}

/** Equal for equal labels, whatever their order. */
function keyOf(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
