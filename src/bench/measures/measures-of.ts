import type { EngineErrorCode } from '../../engine/index.ts'
import type { RequestRecord } from '../record/request-record.ts'
import type { RunResult } from '../run/run.ts'
import { distributionOf } from './distribution-of.ts'
import { keeps } from './keeps.ts'
import { type Latencies, latenciesOf } from './latencies.ts'
import type { Goodput, Measures, Objective, Requests, Tokens } from './measures.ts'
import { rateOf, steadyRate } from './rates.ts'
import { gapsOf, singles } from './sample.ts'

type Run = Pick<RunResult, 'records' | 'window' | 'spec'> & Partial<Pick<RunResult, 'cutShort'>>

/**
 * What the measured requests of a run come to. `objectives` make a goodput. Requests that a run gave up when it was cut
 * short are no failures: nothing is known of them.
 */
export function measuresOf(run: Run, objectives: readonly Objective[] = []): Measures {
  const isKnown = ({ outcome }: RequestRecord) => (run.cutShort ?? null) === null || outcome !== 'aborted'
  const measured = run.records
    .filter(record => record.phase === 'measure' && isKnown(record))
    .sort((a, b) => a.dueMs - b.dueMs)
  const answered = measured.filter(({ outcome }) => outcome === 'ok')
  const latencies = answered.map(latenciesOf)
  const seconds = secondsOf(measured)
  const of = (name: keyof Latencies) => distributionOf(singles(latencies.map(each => each[name])))
  return {
    requests: requestsOf(run, measured, answered.length, seconds),
    tokens: tokensOf(run, answered, seconds),
    ttft: of('ttft'),
    ttftFromSent: of('ttftFromSent'),
    tpot: of('tpot'),
    itl: distributionOf(gapsOf(answered.map(({ arrivalsMs }) => arrivalsMs))),
    largestGap: of('largestGap'),
    e2e: of('e2e'),
    clientQueue: of('clientQueue'),
    goodput: goodputOf(latencies, objectives, measured.length, seconds),
  }
}

/** From the first due time to the last end. */
function secondsOf(measured: readonly RequestRecord[]): number {
  let last = measured[0]?.dueMs ?? 0
  for (const { endMs } of measured) last = Math.max(last, endMs)
  return (last - (measured[0]?.dueMs ?? 0)) / 1000
}

function requestsOf(run: Run, measured: readonly RequestRecord[], ok: number, seconds: number): Requests {
  const errors: Partial<Record<EngineErrorCode, number>> = {}
  const examples: Partial<Record<EngineErrorCode, string>> = {}
  for (const { outcome, error } of measured) {
    if (outcome === 'ok') continue
    errors[outcome] = (errors[outcome] ?? 0) + 1
    if (error !== undefined) examples[outcome] ??= error
  }
  return {
    offered: measured.length,
    ok,
    failed: measured.length - ok,
    errors,
    examples,
    perSecond: rateOf(per(ok, seconds), run.records, run.window, () => 1),
    seconds,
  }
}

function tokensOf({ records, window }: Run, answered: readonly RequestRecord[], seconds: number): Tokens {
  const total = { prompt: 0, cached: 0, output: 0, multiTokenArrivals: 0, arrivals: 0, oddLengths: 0 }
  for (const record of answered) {
    total.prompt += record.promptTokens
    total.cached += record.cachedTokens
    total.output += record.outputTokens
    total.arrivals += record.arrivalsMs.length
    for (const tokens of record.arrivalTokens) if (tokens > 1) total.multiTokenArrivals++
    if (record.outputTokens !== record.askedTokens) total.oddLengths++
  }
  const { prompt, output } = total
  return {
    ...total,
    outputPerSecond: rateOf(per(output, seconds), records, window, record => record.outputTokens),
    totalPerSecond: rateOf(
      per(prompt + output, seconds),
      records,
      window,
      record => record.promptTokens + record.outputTokens,
    ),
    steadyPerSecond: steadyRate(records, window),
  }
}

function goodputOf(
  latencies: readonly Latencies[],
  objectives: readonly Objective[],
  offered: number,
  seconds: number,
): Goodput | null {
  if (objectives.length === 0) return null
  const good = latencies.filter(each => keeps(each, objectives)).length
  return { objectives, perSecond: per(good, seconds), share: offered === 0 ? 0 : good / offered }
}

function per(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0
}
