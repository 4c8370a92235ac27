import type { Distribution, Estimate } from '../measures/measures.ts'
import type { RunReport, Samples } from '../report/bench-report.ts'
import type { MeasureComparison, MeasureRole } from './comparison.ts'
import { type Observation, observation } from './observation.ts'
import { typical } from './typical.ts'

type Column = 'ttft' | 'tpot' | 'e2e' | 'largestGap'

/** A measure that is compared as a ratio. */
export interface ComparedMeasure extends Pick<MeasureComparison, 'name' | 'unit' | 'better'> {
  readonly role: (run: RunReport) => MeasureRole
  /** Undefined where a run has none. */
  readonly value: (run: RunReport) => number | undefined
  readonly observe: (run: RunReport) => Observation | undefined
  /** How far apart runs of one target are, as a share, beyond what a run tells of itself. */
  readonly runDeviation: number
  /** Less than so many ms is no difference: it is the client's own. */
  readonly resolutionMs: number
  /** Times the margin that nothing is worse below. */
  readonly floor: number
  /** So many times as great is not passed over as the same, however unsure. Default: it is. */
  readonly alarm?: number
  /** What effect sizes are made of. */
  readonly column?: Column
}

/** Requests that come on their own set an open loop's rates: these are no measure of its target. */
const rateRole = (run: RunReport): MeasureRole => (run.spec.load.kind === 'closed' ? 'decides' : 'shown')

const STEADY = { runDeviation: 0.005, floor: 1 }
/** A few stalls more or less make means, and more so tails. */
const STALLED = { runDeviation: 0.05, floor: 4 }
/** A neighbour's burst makes the greatest gaps of a short run twice and thrice as great; a stall, many times. */
const FREAK = 5
const FIGURES = {
  p50: { role: 'shown', ...STEADY, resolutionMs: 0.3 },
  mean: { role: 'warns', ...STALLED, alarm: 1.2, resolutionMs: 0.3 },
  p99: { role: 'warns', ...STALLED, alarm: FREAK, resolutionMs: 1 },
} as const

export const COMPARED_MEASURES: readonly ComparedMeasure[] = [
  typicalOf('TTFT typical', 'ttft', 0.3),
  typicalOf('TPOT typical', 'tpot', 0.03),
  typicalOf('E2E typical', 'e2e', 0.3),
  rate('steady output', 'tok/s', steadyOutput, rateRole),
  rate(
    'output',
    'tok/s',
    run => run.measures.tokens.outputPerSecond,
    () => 'shown',
  ),
  rate(
    'requests',
    'req/s',
    run => run.measures.requests.perSecond,
    () => 'shown',
  ),
  ...figures('TTFT', 'ttft'),
  ...figures('TPOT', 'tpot'),
  ...figures('ITL', 'itl'),
  ...figures('E2E', 'e2e'),
  ...figures('largest gap', 'largestGap').map(measure => ({ ...measure, alarm: FREAK })),
]

/** A column of a run's samples, in order, without those that have no value. */
export function columnOf(samples: Samples, column: Column): Float64Array {
  return Float64Array.from(samples[column].filter(value => value !== null))
}

function typicalOf(name: string, column: Column, resolutionMs: number): ComparedMeasure {
  const of = (run: RunReport) => {
    const values = columnOf(run.samples, column)
    return values.length === 0 ? undefined : typical(values)
  }
  return {
    name,
    unit: 'ms',
    better: 'lower',
    role: () => 'decides',
    value: run => of(run)?.value,
    observe: run => {
      const { value, error } = of(run) ?? { value: 0, error: undefined }
      return observation(value, error)
    },
    ...STEADY,
    resolutionMs,
    column,
  }
}

function figures(name: string, measure: Column | 'itl'): readonly ComparedMeasure[] {
  return (['p50', 'mean', 'p99'] as const).map(at => figure(name, measure, at))
}

function figure(name: string, measure: Column | 'itl', at: 'p50' | 'mean' | 'p99'): ComparedMeasure {
  const estimate = ({ measures }: RunReport) => {
    const distribution: Distribution = measures[measure]
    return distribution.count === 0 ? undefined : (distribution[at] ?? undefined)
  }
  return {
    name: `${name} ${at}`,
    unit: 'ms',
    better: 'lower',
    ...FIGURES[at],
    role: () => FIGURES[at].role,
    value: run => estimate(run)?.value,
    observe: run => observed(estimate(run)),
  }
}

function rate(
  name: string,
  unit: 'tok/s' | 'req/s',
  of: (run: RunReport) => Estimate,
  role: ComparedMeasure['role'],
): ComparedMeasure {
  return {
    name,
    unit,
    better: 'higher',
    role,
    value: run => (of(run).value > 0 ? of(run).value : undefined),
    observe: run => observed(of(run)),
    ...STEADY,
    resolutionMs: 0,
  }
}

/** Without the tail, whose length is chance; as sure as the whole. */
function steadyOutput({ measures: { tokens } }: RunReport): Estimate {
  const { value, low, high } = tokens.outputPerSecond
  const steady = tokens.steadyPerSecond
  if (low === null || high === null || !(value > 0)) return { value: steady, low: null, high: null }
  return { value: steady, low: steady * (low / value), high: steady * (high / value) }
}

/** A 95 % interval is 3.92 standard errors wide. */
function observed(estimate: Estimate | undefined): Observation | undefined {
  if (!estimate || estimate.low === null || estimate.high === null) return undefined
  return observation(estimate.value, (estimate.high - estimate.low) / 3.92)
}
