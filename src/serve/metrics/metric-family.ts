import type { HistogramSnapshot } from '../../statistics/index.ts'
import type { Family, Labels, Sample } from '../../telemetry/index.ts'

/** A {@link Family} before it is known of what: a row of the tables that say what is exposed. */
export interface MetricFamily<From> extends Omit<Family, 'collect'> {
  /** The names of its samples' labels. */
  readonly labels: readonly string[]
  collect(from: From): Iterable<Sample>
}

type NumberType = 'counter' | 'gauge'

/** Of one number, or of none where it is undefined. */
export type NumberRow<From> = readonly [
  type: NumberType,
  name: string,
  help: string,
  read: (from: From) => number | undefined,
]

/** Of one number for each value of one label. */
export type NumbersRow<From> = readonly [
  type: NumberType,
  name: string,
  help: string,
  label: string,
  read: (from: From) => Iterable<readonly [value: string, number: number]>,
]

export type HistogramRow<From> = readonly [
  name: string,
  help: string,
  read: (from: From) => HistogramSnapshot,
  scale?: number,
]

/** Makes families of rows: all names get the prefix, all samples the common labels. */
export function familyMaker<From>(prefix: string, common: readonly string[], labelsOf: (from: From) => Labels) {
  return {
    number: ([type, name, help, read]: NumberRow<From>): MetricFamily<From> => ({
      type,
      name: prefix + name,
      help,
      labels: common,
      collect(from) {
        const value = read(from)
        return value === undefined ? [] : [{ labels: labelsOf(from), value }]
      },
    }),
    numbers: ([type, name, help, label, read]: NumbersRow<From>): MetricFamily<From> => ({
      type,
      name: prefix + name,
      help,
      labels: [...common, label],
      *collect(from) {
        const labels = labelsOf(from)
        for (const [value, number] of read(from)) yield { labels: { ...labels, [label]: value }, value: number }
      },
    }),
    histogram: ([name, help, read, scale = 1]: HistogramRow<From>): MetricFamily<From> => ({
      type: 'histogram',
      name: prefix + name,
      help,
      labels: common,
      collect: from => [{ labels: labelsOf(from), histogram: read(from), scale }],
    }),
  }
}
