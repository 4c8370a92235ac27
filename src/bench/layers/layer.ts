import type { RunSpec } from '../run/run.ts'

/** A way from a client to an engine. What one adds is told beside the one before it. */
export interface Layer {
  /** In reports. */
  readonly name: string
  /** Makes the target reachable this way, until it is disposed of. */
  open(target: string, options: RunSpec['open'], signal: AbortSignal | undefined): Promise<OpenedLayer>
}

/** What to run against. */
export interface OpenedLayer extends AsyncDisposable {
  readonly target: string
  readonly open?: NonNullable<RunSpec['open']>
}
