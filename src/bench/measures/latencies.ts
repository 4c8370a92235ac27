import type { RequestRecord } from '../record/request-record.ts'

/** What one answered request's times come to, in ms. */
export interface Latencies {
  /** Of an answer without text it is the end that was waited for. */
  readonly ttft: number
  readonly ttftFromSent: number
  /**
   * (last − first) / (n − 1), of n tokens as the target counted them. Null of one token, and where all came at once:
   * nothing was seen of their pace.
   */
  readonly tpot: number | null
  /** Null where there was no gap, as all came at once. */
  readonly meanGap: number | null
  readonly largestGap: number | null
  readonly e2e: number
  readonly clientQueue: number
}

export function latenciesOf(record: RequestRecord): Latencies {
  const { arrivalsMs, dueMs, sentMs, endMs, outputTokens } = record
  const gaps = Math.max(0, arrivalsMs.length - 1)
  const first = arrivalsMs[0] ?? endMs
  const last = arrivalsMs[gaps] ?? endMs
  let largest = 0
  for (let i = 0; i < gaps; i++) largest = Math.max(largest, arrivalsMs[i + 1]! - arrivalsMs[i]!)
  return {
    ttft: first - dueMs,
    ttftFromSent: first - sentMs,
    tpot: gaps > 0 && outputTokens > 1 ? (last - first) / (outputTokens - 1) : null,
    meanGap: gaps > 0 ? (last - first) / gaps : null,
    largestGap: gaps > 0 ? largest : null,
    e2e: endMs - dueMs,
    clientQueue: sentMs - dueMs,
  }
}
