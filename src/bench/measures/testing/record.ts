import type { RequestRecord } from '../../record/request-record.ts'

/** An answered request of the measured part: due and sent at 0, without text, unless it is said otherwise. */
export function record(
  given: Partial<Omit<RequestRecord, 'arrivalsMs' | 'arrivalTokens'>> & {
    readonly arrivals?: readonly number[]
    readonly tokens?: readonly number[]
  } = {},
): RequestRecord {
  const { arrivals = [], tokens = arrivals.map(() => 1), ...rest } = given
  const outputTokens = tokens.reduce((sum, count) => sum + count, 0)
  const dueMs = given.dueMs ?? 0
  return {
    id: 'a-0.0',
    index: 0,
    turn: 0,
    phase: 'measure',
    dueMs,
    sentMs: dueMs,
    startMs: arrivals[0] ?? null,
    endMs: arrivals.at(-1) ?? dueMs,
    arrivalsMs: Float64Array.from(arrivals),
    arrivalTokens: Uint32Array.from(tokens),
    promptTokens: 0,
    cachedTokens: 0,
    outputTokens,
    askedTokens: outputTokens,
    outcome: 'ok',
    ...rest,
  }
}
