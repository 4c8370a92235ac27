import { ratioSpread } from '../../statistics/index.ts'
import type { RequestRecord } from '../record/request-record.ts'
import type { RunResult } from '../run/run.ts'
import type { Estimate } from './measures.ts'

const BINS = 200

/**
 * A rate as sure as the flow of what it counts was steady: each request's share, whatever its phase, is spread evenly over
 * its life, so that answers that end together are no bursts; the flow in each of 200 parts of the measured time is a
 * value of a series, whose mean's interval, as a share of it, is the rate's.
 */
export function rateOf(
  value: number,
  records: readonly RequestRecord[],
  window: RunResult['window'],
  amount: (record: RequestRecord) => number,
): Estimate {
  const flow = flowOf(records, window, amount)
  const mean = flow.reduce((sum, part) => sum + part, 0) / BINS
  const spread = mean > 0 ? ratioSpread(flow, new Float64Array(BINS).fill(1)) : undefined
  if (!spread) return { value, low: null, high: null }
  return { value, low: Math.max(0, value * (1 + spread.low / mean)), high: value * (1 + spread.high / mean) }
}

function flowOf(
  records: readonly RequestRecord[],
  { fromMs, toMs }: RunResult['window'],
  amount: (record: RequestRecord) => number,
): Float64Array {
  const flow = new Float64Array(BINS)
  const width = (toMs - fromMs) / BINS
  if (!(width > 0)) return flow
  for (const record of records) {
    if (record.outcome !== 'ok') continue
    const begin = (record.dueMs - fromMs) / width
    const end = (record.endMs - fromMs) / width
    const perBin = amount(record) / Math.max(end - begin, Number.MIN_VALUE)
    const last = Math.min(BINS - 1, Math.floor(end))
    for (let bin = Math.max(0, Math.floor(begin)); bin <= last; bin++) {
      const share = Math.min(bin + 1, end) - Math.max(bin, begin)
      flow[bin]! += end > begin ? perBin * share : amount(record)
    }
  }
  return flow
}

/** Tokens per second that arrived in the measured time, of requests of any phase and outcome. */
export function steadyRate(records: readonly RequestRecord[], { fromMs, toMs }: RunResult['window']): number {
  let tokens = 0
  for (const { arrivalsMs, arrivalTokens, outputTokens } of records) {
    let told = 0
    let within = 0
    for (const [i, time] of arrivalsMs.entries()) {
      const count = arrivalTokens[i]!
      told += count
      if (time >= fromMs && time <= toMs) within += count
    }
    // Where only chunks were counted as they came, each stands for its part of the tokens.
    if (told > 0) tokens += within * (outputTokens > 0 ? outputTokens / told : 1)
  }
  return toMs > fromMs ? tokens / ((toMs - fromMs) / 1000) : 0
}
