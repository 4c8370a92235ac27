/** A histogram of `/metrics`: cumulative, as Prometheus has them. */
interface Told {
  /** Upper bounds of the buckets → how many values are at or below. */
  readonly buckets: ReadonlyMap<number, number>
  readonly sum: number
  readonly count: number
}

/** The histograms of one scrape, or what was added between two. */
export class Histograms {
  private constructor(private readonly byName: ReadonlyMap<string, Told>) {}

  static parse(text: string): Histograms {
    const found = new Map<string, { buckets: Map<number, number>; sum: number; count: number }>()
    for (const [, name, kind, labels = '', value] of text.matchAll(
      /^([a-zA-Z_:]+)_(bucket|sum|count)(?:\{(.*)\})? (\S+)$/gm,
    )) {
      const told = found.get(name!) ?? { buckets: new Map(), sum: 0, count: 0 }
      found.set(name!, told)
      const bound = /le="([^"]+)"/.exec(labels)?.[1]
      if (kind === 'bucket')
        told.buckets.set(bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), Number(value))
      else told[kind as 'sum' | 'count'] = Number(value)
    }
    return new Histograms(found)
  }

  since(before: Histograms): Histograms {
    const less = ([name, { buckets, sum, count }]: [string, Told]): [string, Told] => {
      const old = before.byName.get(name)
      const added = [...buckets].map(([bound, value]) => [bound, value - (old?.buckets.get(bound) ?? 0)] as const)
      return [name, { buckets: new Map(added), sum: sum - (old?.sum ?? 0), count: count - (old?.count ?? 0) }]
    }
    return new Histograms(new Map([...this.byName].map(less)))
  }

  count(name: string): number {
    return this.#named(name).count
  }

  mean(name: string): number {
    const { sum, count } = this.#named(name)
    return sum / count
  }

  /** The upper bound of the bucket that it lies in. */
  percentile(name: string, share: number): number {
    const { buckets, count } = this.#named(name)
    for (const [bound, below] of buckets) if (below >= share * count) return bound
    return Number.NaN
  }

  #named(name: string): Told {
    const told = this.byName.get(name)
    if (told === undefined) throw new Error(`the server tells no ${name}`)
    return told
  }
}
