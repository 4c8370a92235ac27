import type { Html } from '../../../html/index.ts'
import type { Distribution } from '../../measures/measures.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { number, percent, whole } from '../numbers.ts'
import { type Column, runRows } from './run-rows.ts'

/** All runs at a glance. */
export function runsTable(runs: readonly RunReport[]): Html {
  return runRows(runs, [
    { name: 'ok', group: 'Requests', of: ({ measures }) => whole(measures.requests.ok) },
    { name: 'failed', group: 'Requests', of: ({ measures }) => whole(measures.requests.failed) },
    { name: '/s', group: 'Requests', of: ({ measures }) => number(measures.requests.perSecond.value) },
    { name: 'tok/s', group: 'Output', of: ({ measures }) => number(measures.tokens.outputPerSecond.value) },
    ...percentiles('TTFT, ms', ['p50', 'p99'], ({ measures }) => measures.ttft),
    ...percentiles('TPOT, ms', ['p50', 'p99'], ({ measures }) => measures.tpot),
    ...percentiles('ITL, ms', ['p50', 'p99'], ({ measures }) => measures.itl),
    ...percentiles('E2E, ms', ['p50', 'p99'], ({ measures }) => measures.e2e),
    {
      name: 'ms',
      group: 'Longest gap',
      of: ({ measures: { largestGap } }) => number(largestGap.count > 0 ? largestGap.max : null),
    },
    ...(runs.some(({ measures }) => measures.goodput !== null)
      ? [{ name: 'of offered', group: 'Goodput', of: ({ measures }: RunReport) => percent(measures.goodput?.share) }]
      : []),
  ])
}

function percentiles(
  group: string,
  names: readonly ('p50' | 'p99')[],
  of: (run: RunReport) => Distribution,
): readonly Column[] {
  return names.map(name => ({ name, group, of: run => number(of(run)[name]?.value) }))
}
