import type { HistogramSnapshot } from '../../statistics/index.ts'

export type Labels = Readonly<Record<string, string>>

export interface NumberSample {
  readonly labels?: Labels
  readonly value: number
}

export interface HistogramSample {
  readonly labels?: Labels
  readonly histogram: HistogramSnapshot
  /** What bounds and sum are multiplied by, e.g. 1e-3 where ms were recorded and seconds are to be shown. Default 1. */
  readonly scale?: number
}

export type Sample = NumberSample | HistogramSample

/** All that is measured under one name. A table of these is what a server exposes. */
export interface Family {
  /** With its unit in the plural, e.g. `warpline_queue_time_seconds`; a counter's ends in `_total`. */
  readonly name: string
  /** One sentence for who reads a dashboard. */
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** What stands now: one sample for each set of labels; histograms where that is the type, else numbers. */
  collect(): Iterable<Sample>
}

/** What may stand in an exposition; `summary` and `untyped` are written by others. */
export type ExpositionType = Family['type'] | 'summary' | 'untyped'

const SUFFIXES: Readonly<Record<ExpositionType, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  untyped: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}

/** The names that a family's lines bear. */
export function sampleNames(name: string, type: ExpositionType): readonly string[] {
  return SUFFIXES[type].map(suffix => name + suffix)
}
