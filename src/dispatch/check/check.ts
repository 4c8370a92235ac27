import type { Communicator } from '../../mpi/index.ts'
import type { Gpus } from './gpus.ts'
import type { Place } from './places.ts'

/** What a check is given: a communicator of its own, so that one that fails leaves nothing in another's way. */
export interface CheckContext {
  readonly world: Communicator
  /** Of all ranks, in their order. */
  readonly places: readonly Place[]
  readonly gpus: Gpus
}

/** What it found, where nothing is wrong. */
export type Found = { readonly detail: string; readonly figures?: unknown } | { readonly notRun: string }

/** All ranks run it at once; it throws where something is wrong. What rank 0 found is what counts. */
export interface Check {
  readonly name: string
  run(context: CheckContext): Promise<Found>
}

export interface CheckResult {
  readonly name: string
  readonly status: 'ok' | 'failed' | 'not-run'
  /** What was found, what is wrong and where, or why it was not run. */
  readonly detail: string
  /** In plain numbers; the units stand in the names. */
  readonly figures?: unknown
}

export interface MpiReport {
  readonly library: string
  readonly ranks: number
  readonly hosts: readonly { readonly host: string; readonly ranks: readonly number[] }[]
  /** None has failed. */
  readonly ok: boolean
  readonly checks: readonly CheckResult[]
}
