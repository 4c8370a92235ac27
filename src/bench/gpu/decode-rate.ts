import type { RequestRecord } from '../record/request-record.ts'

/** How answers were decoded between two moments of a run. */
export interface DecodeRate {
  /** Tokens that arrived, and seconds in which at least one answer was under way. */
  readonly tokens: number
  readonly seconds: number
  /** Answers under way in those seconds, on average. */
  readonly batch: number
  /** Tokens that stood before each of those that arrived, prompt included, on average. */
  readonly context: number
}

/** From each answer's first token to its last it takes part in every step. Null where no answer had two. */
export function decodeRate(records: readonly RequestRecord[], fromMs: number, toMs: number): DecodeRate | null {
  const edges: [atMs: number, by: 1 | -1][] = []
  let [tokens, before] = [0, 0]
  for (const { arrivalsMs, arrivalTokens, promptTokens } of records) {
    const [first, last] = [arrivalsMs[0], arrivalsMs.at(-1)]
    if (first === undefined || last === undefined || last <= fromMs || first >= toMs || last === first) continue
    edges.push([Math.max(first, fromMs), 1], [Math.min(last, toMs), -1])
    let seen = promptTokens + arrivalTokens[0]!
    for (let i = 1; i < arrivalsMs.length; i++) {
      const count = arrivalTokens[i]!
      if (arrivalsMs[i]! > fromMs && arrivalsMs[i]! <= toMs) {
        tokens += count
        before += count * seen
      }
      seen += count
    }
  }
  if (tokens === 0) return null
  edges.sort((a, b) => a[0] - b[0])
  let [busy, area, running, since] = [0, 0, 0, 0]
  for (const [atMs, by] of edges) {
    if (running > 0) busy += atMs - since
    area += running * (atMs - since)
    running += by
    since = atMs
  }
  return { tokens, seconds: busy / 1000, batch: area / busy, context: before / tokens }
}
