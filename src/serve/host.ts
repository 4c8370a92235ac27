import type { Admission } from '../admission/index.ts'
import type { Engine, EngineInfo } from '../engine/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Exchange } from './exchange/exchange.ts'
import type { ServerMetrics } from './metrics/server-metrics.ts'
import type { Settings } from './settings.ts'

/** What requests and routes know of their server. */
export interface Host {
  /** @throws while it is loading, and when loading failed */
  engine(): Engine
  /** Undefined where there is no engine (yet). */
  readonly info: EngineInfo | undefined
  /** The engine, where there is one already. */
  readonly loaded: Engine | undefined
  /** As clients see it; undefined while it is loading and no name was given. */
  readonly model: string | undefined
  /** Whether callers must show a key. */
  readonly asksForKeys: boolean
  /** Seconds since 1970. */
  readonly startedAt: number
  /** It takes no more requests and waits for those that run. */
  readonly draining: boolean
  /** Why there will be no engine any more, in words for everybody; undefined while there is hope. */
  readonly engineFailure: string | undefined
  readonly settings: Settings
  readonly admission: Admission
  readonly metrics: ServerMetrics
  /** All that is measured, in Prometheus' text format. */
  expose(): Promise<string>
  readonly logger: Logger
  /** Those that are being answered. */
  readonly exchanges: Iterable<Exchange>
}
