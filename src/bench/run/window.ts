import type { RequestRecord } from '../record/request-record.ts'
import type { RunResult, RunSpec } from './run.ts'

/**
 * The measured part: from its first due time on for so many seconds; or, for so many requests, until the load goes on
 * without being counted, which is when a request of the cool-down is due behind them all; where none was, to the last end.
 *
 * @param records In order of due times.
 * @param measureFromMs When the clients began to count, where they had to agree on it.
 * @param cutMs When the run was cut short.
 */
export function measuredWindow(
  { warmUp, measure, load }: Pick<RunSpec, 'warmUp' | 'measure' | 'load'>,
  records: readonly RequestRecord[],
  measureFromMs: number | undefined,
  cutMs: number,
): RunResult['window'] {
  const measured = records.filter(({ phase }) => phase === 'measure')
  const planned = measureFromMs ?? ('seconds' in warmUp ? warmUp.seconds * 1000 : undefined)
  const fromMs = measured[0]?.dueMs ?? planned ?? 0
  const lastDueMs = measured.at(-1)?.dueMs ?? fromMs
  const end =
    'seconds' in measure
      ? (planned ?? fromMs) + measure.seconds * 1000
      : (records.find(({ phase, dueMs }) => phase === 'cool-down' && dueMs >= lastDueMs)?.dueMs ??
        latest(measured, fromMs))
  // A trace may be shorter than was asked for.
  const over = load.kind === 'trace' ? latest(records, fromMs) : Number.POSITIVE_INFINITY
  return { fromMs, toMs: Math.max(fromMs, Math.min(end, over, cutMs)) }
}

function latest(records: readonly RequestRecord[], least: number): number {
  let latest = least
  for (const { endMs } of records) latest = Math.max(latest, endMs)
  return latest
}
