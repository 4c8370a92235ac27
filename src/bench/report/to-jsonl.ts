import type { RequestRecord } from '../record/request-record.ts'
import { toMicrosecond } from './rounded.ts'

/**
 * A line of JSON for each request. `arrivalsUs` tells when text arrived so that every gap is kept in a few bytes: the
 * first in µs after `dueMs`, each other after the one before it. `arrivalTokens` is left out where each brought one.
 *
 * @param run What its report calls the run, where one file holds several.
 */
export function toJsonl(records: Iterable<RequestRecord>, run?: string): string {
  let text = ''
  for (const record of records) text += `${JSON.stringify(lineOf(record, run))}\n`
  return text
}

function lineOf(record: RequestRecord, run: string | undefined): Record<string, unknown> {
  const { arrivalsMs, arrivalTokens, dueMs, sentMs, startMs, endMs } = record
  return {
    run,
    id: record.id,
    index: record.index,
    turn: record.turn,
    phase: record.phase,
    outcome: record.outcome,
    error: record.error,
    finishReason: record.finishReason,
    dueMs: toMicrosecond(dueMs),
    sentMs: toMicrosecond(sentMs),
    startMs: startMs === null ? null : toMicrosecond(startMs),
    endMs: toMicrosecond(endMs),
    promptTokens: record.promptTokens,
    cachedTokens: record.cachedTokens,
    outputTokens: record.outputTokens,
    askedTokens: record.askedTokens,
    arrivalsUs: differences(dueMs, arrivalsMs),
    arrivalTokens: arrivalTokens.every(count => count === 1) ? undefined : Array.from(arrivalTokens),
    timings: record.timings && rounded(record.timings),
    timeline: record.timeline && rounded(record.timeline),
  }
}

/** Of rounded times, so that what was rounded off does not add up. */
function differences(dueMs: number, arrivalsMs: Float64Array): number[] {
  let before = Math.round(dueMs * 1000)
  return Array.from(arrivalsMs, ms => {
    const at = Math.round(ms * 1000)
    const difference = at - before
    before = at
    return difference
  })
}

function rounded(times: object): object {
  const round = (value: unknown) => (typeof value === 'number' ? toMicrosecond(value) : value)
  return Object.fromEntries(
    Object.entries(times).map(([name, value]) => [name, Array.isArray(value) ? value.map(round) : round(value)]),
  )
}
