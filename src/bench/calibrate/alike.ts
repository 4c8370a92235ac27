import { availableParallelism } from 'node:os'
import type { RemoteOptions } from '../../remote/index.ts'
import type { ClosedLoad, LoadSpec, OpenLoad } from '../load/load.ts'
import { processCount } from '../run/process-count.ts'
import type { Extent, RunSpec } from '../run/run.ts'
import { longestOf } from '../work/lengths.ts'
import type { LengthSpec, WorkSpec } from '../work/work.ts'
import type { Pace } from './null-request.ts'

/** The pace that the client's own part is measured at. */
export interface PacedSpec {
  readonly pace: Pace
  readonly spec: RunSpec
}

/** Long enough for what a loop does in its first moments, and for a percentile. */
const WARM_UP = { seconds: 0.3 }
const MEASURE = { seconds: 0.7 }
/** What is to show the most that a client can has to be compiled first. */
const LONG_WARM_UP = { seconds: 0.8 }
/**
 * Between two tokens. Many streams have longer gaps, as they have in reality, until a gap is as long as users put up with:
 * a client has so many tokens per second to read and no more.
 */
const GAP_MS = { least: 5, open: 10, most: 50 }
const MOST_TOKENS_PER_SECOND = 5000
/** No answer is longer, so that all end soon after the last; where users are few, shorter ones give more of them. */
const LONGEST = { ms: 320, msPerUser: 40, gaps: 20 }
/** Slower arrivals are no harder for the client, and would give too few. Per second. */
const LOWEST_RATE = 50
/** Tokens of an answer that comes at once: enough to be a stream. */
const MOST_TOKENS = 64
/** Users who leave no core idle. */
const MOST_USERS = 64
/** Of what is not said here, as it stands in a file. */
const PROMPT: LengthSpec = { kind: 'fixed', tokens: 256 }
const OUTPUT: LengthSpec = { kind: 'fixed', tokens: 32 }

/** A load of the same kind at a known pace: what is more than the pace is the client's and the way's. */
export function pacedLike(spec: RunSpec): PacedSpec {
  const load = loadLike(spec.load)
  const { gapMs, tokens } = load.kind === 'closed' ? paceOfUsers(load.concurrency) : paceOfArrivals(load.rate)
  const asked = longestOf(spec.work.output ?? OUTPUT) ?? MOST_TOKENS
  const output = spread(Math.min(asked, Math.max(2, Math.floor(tokens))))
  return { pace: { ttftMs: gapMs, itlMs: gapMs }, spec: like(spec, load, output, WARM_UP) }
}

function paceOfUsers(users: number): { gapMs: number; tokens: number } {
  const even = Math.ceil((users * 1000) / MOST_TOKENS_PER_SECOND)
  const gapMs = Math.min(GAP_MS.most, Math.max(GAP_MS.least, even))
  const longestMs = Math.min(LONGEST.msPerUser * users, Math.max(LONGEST.ms, LONGEST.gaps * gapMs))
  return { gapMs, tokens: longestMs / gapMs }
}

function paceOfArrivals(rate: number): { gapMs: number; tokens: number } {
  return { gapMs: GAP_MS.open, tokens: Math.min(LONGEST.ms / GAP_MS.open, MOST_TOKENS_PER_SECOND / rate) }
}

/** As many requests as the client can make, each answered at once. */
export function fullSpeedLike(spec: RunSpec): RunSpec {
  const concurrency = spec.load.kind === 'closed' ? Math.min(spec.load.concurrency, MOST_USERS) : MOST_USERS
  return like(spec, { kind: 'closed', concurrency }, atMost(spec.work.output ?? OUTPUT, MOST_TOKENS), LONG_WARM_UP)
}

/** A trace's moments are its own; its client is like that of a steady load. */
function loadLike(load: LoadSpec): ClosedLoad | OpenLoad {
  if (load.kind === 'trace') return { kind: 'closed', concurrency: MOST_USERS }
  return load.kind === 'open' ? { ...load, rate: Math.max(load.rate, LOWEST_RATE) } : load
}

function like(spec: RunSpec, load: LoadSpec, output: LengthSpec, warmUp: Extent): RunSpec {
  const { streaming, api, connections } = spec.open?.remote ?? {}
  const remote: RemoteOptions = {
    apiKey: 'null',
    ...(streaming !== undefined && { streaming }),
    // llama.cpp's own route costs the client as much as any.
    ...(api !== undefined && api !== 'llama' && { api }),
    ...(connections !== undefined && { connections }),
  }
  return {
    ...spec,
    open: { remote },
    work: workLike(spec.work, output),
    load,
    // As many as there will be, wherever the target is.
    processes: processCount(spec, availableParallelism()),
    warmUp,
    measure: MEASURE,
    timeline: false,
  }
}

function workLike(work: WorkSpec, output: LengthSpec): WorkSpec {
  if (work.kind === 'file') return { kind: 'synthetic', prompt: PROMPT, output, as: work.as ?? 'text' }
  // Later turns wait for answers, which are nothing here.
  return { ...work, turns: 1, output }
}

/** Answers of one length would end together, and the next requests stand in line behind each other. */
function spread(most: number): LengthSpec {
  return { kind: 'uniform', min: Math.ceil(most / 2), max: most }
}

function atMost(length: LengthSpec, most: number): LengthSpec {
  if (length.kind === 'fixed') return { kind: 'fixed', tokens: Math.min(length.tokens, most) }
  if (length.kind === 'uniform')
    return { kind: 'uniform', min: Math.min(length.min, most), max: Math.min(length.max, most) }
  const mean = Math.min(length.mean, most)
  return { ...length, mean, min: Math.min(length.min ?? 1, mean), max: Math.min(length.max ?? most, most) }
}
