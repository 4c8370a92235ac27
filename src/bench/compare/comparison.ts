import type { RunReport } from '../report/bench-report.ts'

/**
 * `same`: every measure that decides lies within the margin, for sure. `worse`: one that may, is worse, for sure and by
 * more than is of no account. `better`: none is worse, and one that decides is better. `inconclusive`: what was measured
 * does not tell, or could not be compared.
 */
export type ComparisonVerdict = 'same' | 'better' | 'worse' | 'inconclusive'

/** What a command that compares ends with. */
export const COMPARISON_EXITS: Readonly<Record<ComparisonVerdict, 0 | 1 | 2>> = {
  same: 0,
  better: 0,
  worse: 1,
  inconclusive: 2,
}

/** Reports beside a baseline. Plain data. */
export interface Comparison {
  readonly schema: 'warpline-comparison/1'
  readonly verdict: ComparisonVerdict
  /** What could not be compared, a sentence each. */
  readonly reasons: readonly string[]
  /** Ratios from 1 / (1 + margin) to 1 + margin are no difference. */
  readonly margin: number
  /** The first is the baseline. */
  readonly sides: readonly ComparedSide[]
  /** For each other side the baseline's runs, in their order. */
  readonly runs: readonly RunComparison[]
}

export interface ComparedSide {
  readonly target: string
  readonly model: string
  /** Of its first report. */
  readonly date: string
  readonly commit: string | null
  readonly reports: number
}

export interface RunComparison {
  readonly label: string
  readonly parameters: RunReport['parameters']
  /** Which of the sides is compared with the baseline. */
  readonly side: number
  /** How often each was run: of the baseline, and of the other. Of pairs, how many. */
  readonly repeats: readonly [number, number]
  readonly paired: boolean
  readonly verdict: ComparisonVerdict
  /** Why there is no other verdict, and what to keep in mind, a sentence each. */
  readonly reasons: readonly string[]
  readonly measures: readonly MeasureComparison[]
}

/**
 * `decides`: must be the same for a verdict of `same`, and may be worse. `warns`: may be worse; where it only looks much
 * worse, nothing is the same. `shown`: has no part in the verdict.
 */
export type MeasureRole = 'decides' | 'warns' | 'shown'

export interface MeasureComparison {
  /** As tables call it, e.g. `TTFT p50`; `typical` is the mean after the outermost tenths were drawn in. */
  readonly name: string
  readonly unit: 'ms' | 'tok/s' | 'req/s' | 'share'
  readonly better: 'lower' | 'higher'
  readonly role: MeasureRole
  readonly baseline: number
  readonly value: number
  /** Value over baseline; of shares, value less baseline. With its 95 % interval, where there is one. */
  readonly change: number
  readonly low: number | null
  readonly high: number | null
  /** Of latencies: Cliff's delta, −1…1, above 0 where they grew; and by how many ms (Hodges and Lehmann). */
  readonly effect: number | null
  readonly shift: number | null
  readonly verdict: ComparisonVerdict
}

export interface CompareOptions {
  /** Ratios from 1 / (1 + margin) to 1 + margin are no difference. Default 0.05. */
  readonly margin?: number
}
