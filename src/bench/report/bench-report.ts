import type { EngineInfo } from '../../engine/index.ts'
import type { Machine } from '../machine.ts'
import type { Measures } from '../measures/measures.ts'
import type { ClientHealth, RunSpec } from '../run/run.ts'

/** What a benchmark leaves behind, as JSON: one run, or several that belong together. */
export interface BenchReport {
  readonly schema: 'warpline-bench/1'
  /** The preset: `run`, `sweep`, `slo`, `latency`, `throughput`, `scaling`, `cache`, `layers`, `matrix`, `pair`. */
  readonly kind: string
  readonly command: string
  /** ISO 8601. */
  readonly date: string
  /** Of the checkout that ran; null outside of one. */
  readonly commit: string | null
  /** Where the client ran. */
  readonly machine: Machine
  readonly runs: readonly RunReport[]
  /** What the preset found beyond its runs, a line each, e.g. the greatest goodput and its rate. */
  readonly findings: readonly string[]
}

/** One run: one target under one load. */
export interface RunReport {
  /** What tells it from the others of its report, e.g. `concurrency 8`; of a single run its target. */
  readonly label: string
  /** The same as data, e.g. `{ concurrency: 8 }`: a sweep's axis. */
  readonly parameters: Readonly<Record<string, string | number>>
  /** A search tried it on its way to what it confirmed: what it shows is not what was found. */
  readonly probe?: true
  readonly startedAt: string
  readonly spec: RunSpec
  readonly info: Pick<EngineInfo, 'model' | 'backend' | 'contextLength' | 'weightType' | 'maxSequences'>
  readonly verdict: Verdict
  readonly measures: Measures
  readonly client: ClientHealth
  readonly calibration: Calibration | null
  readonly phases: PhaseShares | null
  readonly gpu: GpuUsage | null
  readonly series: Series
  readonly samples: Samples
  readonly cutShort: string | null
}

/** Whether the figures are the target's. */
export interface Verdict {
  readonly valid: boolean
  /** Why not, each a sentence; or what to keep in mind though they are. */
  readonly reasons: readonly string[]
}

/** What the client makes of a server that answers at once, under a load of the same kind, just before. In ms. */
export interface Calibration {
  readonly requestsPerSecond: number
  readonly tokensPerSecond: number
  readonly ttft: { readonly p50: number; readonly p99: number }
  readonly itl: { readonly p50: number; readonly p99: number } | null
}

/** Where the time to the first token went, of requests whose target told; means and medians in ms, in order, adding up to TTFT. */
export interface PhaseShares {
  readonly requests: number
  readonly phases: readonly { readonly name: string; readonly meanMs: number; readonly p50Ms: number }[]
}

/** Of all cards together over the measured part. */
export interface GpuUsage {
  readonly cards: readonly string[]
  readonly memoryBytes: number
  /** 0…1, mean. */
  readonly utilisation: number
  /** Mean. */
  readonly watts: number
  readonly joulesPerOutputToken: number | null
  /** Of what the cards give at best, where the model's work is known: 0…1 and what bounds it. */
  readonly ofCeiling: { readonly share: number; readonly bound: 'bytes' | 'operations' } | null
}

/** For charts: the run in up to 300 buckets of one length, and the gaps in them. */
export interface Series {
  /** Ends of the buckets, in s from the run's start; the others have an entry for each. */
  readonly seconds: readonly number[]
  readonly inFlight: readonly number[]
  readonly requestsPerSecond: readonly number[]
  readonly outputTokensPerSecond: readonly number[]
  readonly failed: readonly number[]
  /** Medians and 99th percentiles of those that ended in that second; null where none did. */
  readonly ttftP50: readonly (number | null)[]
  readonly ttftP99: readonly (number | null)[]
  readonly itlP99: readonly (number | null)[]
  /** Gaps between arrivals by second and length: `counts[second][bucket]`; bounds are upper, in ms, the last bucket is open. */
  readonly gaps: { readonly boundsMs: readonly number[]; readonly counts: readonly (readonly number[])[] }
  /** Distributions for charts, as values at shares 0, 0.005 … 1. */
  readonly quantiles: Readonly<Record<'ttft' | 'tpot' | 'itl' | 'e2e', readonly number[]>>
}

/** Each measured request that succeeded, in order of its due time, in ms to a µs; columns of one length. What `compare` works on. */
export interface Samples {
  readonly due: readonly number[]
  readonly ttft: readonly number[]
  /** Null of answers of one token. */
  readonly tpot: readonly (number | null)[]
  readonly e2e: readonly number[]
  readonly largestGap: readonly (number | null)[]
  readonly outputTokens: readonly number[]
}
