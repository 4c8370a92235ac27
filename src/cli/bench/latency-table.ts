import type { Distribution, Estimate, Measures, RunReport } from '../../bench/index.ts'
import { significant, table } from '../table.ts'
import type { Place } from '../world.ts'

type Latency = 'ttft' | 'ttftFromSent' | 'tpot' | 'itl' | 'largestGap' | 'e2e'

const ROWS: readonly (readonly [name: string, measure: Latency])[] = [
  ['TTFT', 'ttft'],
  ['TTFT from sending', 'ttftFromSent'],
  ['TPOT', 'tpot'],
  ['ITL', 'itl'],
  ['largest gap', 'largestGap'],
  ['E2E latency', 'e2e'],
]

const PERCENTILES = ['p50', 'p90', 'p95', 'p99'] as const

/** What users feel, in ms: none where no request was answered. */
export function latencyTable({ measures }: RunReport, place: Place): readonly string[] {
  const rows = ROWS.filter(([, measure]) => measures[measure].count > 0)
  if (rows.length === 0) return []
  const cells = rows.map(([name, measure]) => [name, ...cellsOf(measures[measure])])
  return [
    ...table(['ms', 'mean', '±', ...PERCENTILES, 'max', 'n'], cells, 'lrrrrrrrr', place),
    ...(lacks(measures) ? ['  –: too few for this percentile, which takes 10 above it'] : []),
  ]
}

function cellsOf(distribution: Distribution): string[] {
  const { mean, max, count } = distribution
  const percentiles = PERCENTILES.map(name => {
    const estimate = distribution[name]
    return estimate === null ? '–' : significant(estimate.value)
  })
  return [significant(mean.value), marginOf(mean), ...percentiles, significant(max), String(count)]
}

/** Half the width of the interval, in two digits; nothing where there is none. */
export function marginOf({ low, high }: Estimate): string {
  if (low === null || high === null) return ''
  const half = (high - low) / 2
  return half >= 10 ? String(Math.round(half)) : half.toPrecision(2)
}

function lacks(measures: Measures): boolean {
  return ROWS.some(([, name]) => measures[name].count > 0 && PERCENTILES.some(p => measures[name][p] === null))
}
