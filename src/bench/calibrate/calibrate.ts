import type { Calibration } from '../report/bench-report.ts'
import type { RunSpec } from '../run/run.ts'

/**
 * Puts a load of the same kind on a server that answers at once, in a process of its own on this machine: what is
 * measured there is the client. Null for targets that are not reached over HTTP.
 */
export async function calibrate(_spec: RunSpec, _signal?: AbortSignal): Promise<Calibration | null> {
  throw new Error('not there yet')
}
