import type { Engine } from '../engine/index.ts'
import type { Family } from '../telemetry/index.ts'

/** Where a server's engine comes from, at its start and whenever it is lost. */
export interface EngineSource {
  open(): Promise<Engine>
  /** What it tells beside the engine's own figures. */
  families(): readonly Family[]
  /** Reads again what may have changed. @throws where that cannot be read; all stays as it was */
  reload(): Promise<void>
}
