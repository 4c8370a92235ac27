import type { Latencies } from './latencies.ts'
import type { Objective } from './measures.ts'

const MEASURED = {
  ttft: 'ttft',
  tpot: 'tpot',
  itl: 'meanGap',
  gap: 'largestGap',
  e2e: 'e2e',
} as const satisfies Record<Objective['measure'], keyof Latencies>

/** Whether an answered request was good. What it has not, as an answer of one token has no gaps, it cannot break. */
export function keeps(latencies: Latencies, objectives: readonly Objective[]): boolean {
  return objectives.every(
    ({ measure, belowMs }) => (latencies[MEASURED[measure]] ?? Number.NEGATIVE_INFINITY) < belowMs,
  )
}
