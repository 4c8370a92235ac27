import { mean, quantile } from '../../statistics/index.ts'
import type { RequestRecord } from '../record/request-record.ts'
import type { PhaseShares } from '../report/bench-report.ts'
import { PHASES_BY_TIMELINE, PHASES_BY_TIMINGS, type Phase } from './phases.ts'

/**
 * Where the time to the first token went: the client's arrivals and the server's own times of the same requests, joined.
 * Of each request the phases add up to its TTFT, and so do their means; medians need not. Null where no request has the
 * server's times.
 */
export function phasesOf(records: readonly RequestRecord[]): PhaseShares | null {
  const answered = records.filter(({ outcome, arrivalsMs }) => outcome === 'ok' && arrivalsMs.length > 0)
  const timelined = answered.filter(({ timeline }) => timeline !== undefined && timeline.tokensAt.length > 0)
  if (timelined.length > 0) return shares(timelined, PHASES_BY_TIMELINE)
  // All of them zero is what an engine says that does not know.
  const timed = answered.filter(({ timings }) => timings !== undefined && timings.prefillMs > 0)
  return timed.length > 0 ? shares(timed, PHASES_BY_TIMINGS) : null
}

function shares(records: readonly RequestRecord[], phases: readonly Phase[]): PhaseShares {
  return {
    requests: records.length,
    phases: phases.map(({ name, of }) => {
      const values = Float64Array.from(records, of).sort()
      return { name, meanMs: mean(values), p50Ms: quantile(values, 0.5) }
    }),
  }
}
