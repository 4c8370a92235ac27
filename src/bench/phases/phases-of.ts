import type { RequestRecord } from '../record/request-record.ts'
import type { PhaseShares } from '../report/bench-report.ts'

/**
 * Where the time to the first token went: the client's arrivals and the server's own times of the same requests, joined.
 * Null where no request has the server's times.
 */
export function phasesOf(_records: readonly RequestRecord[]): PhaseShares | null {
  throw new Error('not there yet')
}
