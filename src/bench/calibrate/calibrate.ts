import { quantile } from '../../statistics/index.ts'
import type { RequestRecord } from '../record/request-record.ts'
import type { Calibration } from '../report/bench-report.ts'
import type { RunResult, RunSpec } from '../run/run.ts'
import { runLoad } from '../run/run-load.ts'
import { fullSpeedLike, pacedLike } from './alike.ts'
import type { Pace } from './null-request.ts'
import { startNullServer } from './start-null-server.ts'

/**
 * Puts a load of the same kind on a server that answers at once, in a process of its own on this machine: what is
 * measured there is the client. Rates are the most that it can make; latencies are what it adds to those of a server that
 * keeps a known pace. Null for targets that are not reached over HTTP, and where it fails: the verdict says so.
 */
export async function calibrate(spec: RunSpec, signal?: AbortSignal): Promise<Calibration | null> {
  if (!overHttp(spec) || signal?.aborted) return null
  const calibration = await measure(spec, signal)
  if (calibration) known.set(kindOf(spec), calibration)
  return calibration
}

/** What {@link calibrate} found before of a load of the same kind; null where it was not asked. */
export function knownCalibration(spec: RunSpec): Calibration | null {
  return (overHttp(spec) && known.get(kindOf(spec))) || null
}

const known = new Map<string, Calibration>()

/** All that makes a difference to the client. */
function kindOf(spec: RunSpec): string {
  const { seed: _, target: __, ...kind } = pacedLike(spec).spec
  const { variant: ___, ...work } = { variant: undefined, ...kind.work }
  return JSON.stringify({ ...kind, work })
}

function overHttp({ target }: RunSpec): boolean {
  return /^https?:/.test(target)
}

async function measure(spec: RunSpec, signal: AbortSignal | undefined): Promise<Calibration | null> {
  try {
    await using server = await startNullServer()
    const options = signal ? { signal } : {}
    const { pace, spec: paced } = pacedLike(spec)
    // First what warms the server up, so that it is not the one that is measured.
    const atOnce = await runLoad({ ...fullSpeedLike(spec), target: server.url() }, options)
    const atPace = await runLoad({ ...paced, target: server.url(pace) }, options)
    if (atPace.cutShort !== null || atOnce.cutShort !== null) return null
    return calibrationOf(atPace, pace, atOnce, streams(spec))
  } catch {
    return null
  }
}

function calibrationOf(atPace: RunResult, pace: Pace, atOnce: RunResult, streams: boolean): Calibration | null {
  const answers = measured(atPace)
  const fast = measured(atOnce)
  if (answers.length === 0 || fast.length === 0) return null
  const seconds = (maxOf(fast.map(({ endMs }) => endMs)) - fast[0]!.dueMs) / 1000
  const gaps = streams ? answers.flatMap(({ arrivalsMs }) => offPace(arrivalsMs, pace.itlMs)) : []
  const ownTtft = ({ dueMs, arrivalsMs, askedTokens }: RequestRecord) =>
    arrivalsMs[0]! - dueMs - pace.ttftMs - (streams ? 0 : (askedTokens - 1) * pace.itlMs)
  return {
    requestsPerSecond: fast.length / seconds,
    tokensPerSecond: fast.reduce((sum, { outputTokens }) => sum + outputTokens, 0) / seconds,
    ttft: tails(answers.filter(({ arrivalsMs }) => arrivalsMs.length > 0).map(ownTtft)),
    itl: gaps.length > 0 ? tails(gaps) : null,
  }
}

function streams({ open }: RunSpec): boolean {
  return open?.remote?.streaming !== false
}

/** Of many users on a slow machine none may begin in so short a time: then all that were answered. */
function measured({ records }: RunResult): RequestRecord[] {
  const answered = records.filter(({ outcome }) => outcome === 'ok')
  const counted = answered.filter(({ phase }) => phase === 'measure')
  return counted.length > 0 ? counted : answered
}

function maxOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value))
}

/** By how much gaps miss the pace, either way. */
function offPace(arrivalsMs: Float64Array, itlMs: number): number[] {
  return Array.from(arrivalsMs.subarray(1), (at, i) => Math.abs(at - arrivalsMs[i]! - itlMs))
}

function tails(values: readonly number[]): { p50: number; p99: number } {
  const ascending = Float64Array.from(values).sort()
  return { p50: quantile(ascending, 0.5), p99: quantile(ascending, 0.99) }
}
