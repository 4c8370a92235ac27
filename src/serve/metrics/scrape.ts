import type { AdmissionSnapshot } from '../../admission/index.ts'
import type { EngineInfo, EngineStats, StepHistograms } from '../../engine/index.ts'
import type { ServerMetrics } from './server-metrics.ts'

/** Requests for text that are open now. */
export interface OpenRequests {
  waiting: number
  running: number
}

/** What the server's families are made of: read once, so that they agree with each other. */
export interface ServerScrape {
  readonly metrics: ServerMetrics
  readonly admission: AdmissionSnapshot
  readonly tenants: ReadonlyMap<string, OpenRequests>
  /** Requests of any kind that are being answered, this one included. */
  readonly openRequests: number
  readonly connections: number
  readonly ready: boolean
}

/** What the engine's families are made of. */
export interface EngineScrape {
  /** As clients see it. */
  readonly model: string
  readonly info: EngineInfo
  readonly stats: EngineStats
  readonly steps: StepHistograms
  readonly metrics: ServerMetrics
  /** Requests in the server's own queue. */
  readonly queued: number
  /** Tokens per second of prefill, prefix cache aside, and of decoding, of requests that ended since the last scrape. */
  readonly promptRate: number
  readonly outputRate: number
}
