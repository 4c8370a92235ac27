import type { JobResult } from '../job-result.ts'

/** What JSON leaves as it is and some readers of lines take for their end. */
const OTHER_LINE_ENDS = /[\u0085\u2028\u2029]/g

/**
 * A result as one line of JSON, its end included; times to a µs, as clocks tell no more. Text that is no Unicode (lone
 * surrogates) is escaped, and so comes back.
 */
export function lineOf(result: JobResult): string {
  const { latencyMs, waitMs, ttftMs, serviceMs, postMs } = result
  const json = JSON.stringify({
    ...result,
    latencyMs: toMicrosecond(latencyMs),
    waitMs: toMicrosecond(waitMs),
    ttftMs: ttftMs === undefined ? undefined : toMicrosecond(ttftMs),
    serviceMs: toMicrosecond(serviceMs),
    postMs: postMs === undefined ? undefined : toMicrosecond(postMs),
  })
  return `${json.replace(OTHER_LINE_ENDS, end => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

/** What a line says that counts for resuming; undefined where it is no result of one of so many jobs. */
export function readLine(text: string, jobs: number): Pick<JobResult, 'index' | 'ok'> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { index, ok } = value as Readonly<Record<string, unknown>>
  const known = typeof ok === 'boolean' && typeof index === 'number' && Number.isInteger(index)
  return known && index >= 0 && index < jobs ? { index, ok } : undefined
}

function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
