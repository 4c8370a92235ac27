import type { RequestRecord } from '../record/request-record.ts'
import type { RunProgress, RunResult, RunSpec } from './run.ts'

export interface RunOptions {
  /** Ends the run early; what was measured until then is returned, `cutShort`. */
  readonly signal?: AbortSignal
  /** Told several times a second. */
  readonly onProgress?: (progress: RunProgress) => void
  /** Told of requests as they end, a batch at a time. */
  readonly onRecords?: (records: readonly RequestRecord[]) => void
}

/**
 * Puts a load on a target and records every request.
 *
 * @throws what opening the target or the work throws; a target that is lost later cuts the run short instead
 */
export async function runLoad(_spec: RunSpec, _options: RunOptions = {}): Promise<RunResult> {
  throw new Error('not there yet')
}
