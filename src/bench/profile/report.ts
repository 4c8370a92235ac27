import type { Most } from '../engine/index.ts'
import type { Machine } from '../machine.ts'
import type { OperationGroup, Timed } from './group.ts'

/** One kind of step, taken apart. */
export interface StepReport {
  readonly kind: 'decode' | 'prefill'
  /** e.g. `decode, batch 8 @ d2048`. */
  readonly test: string
  /** Tokens that the step processes. */
  readonly tokens: number
  /** In the step's order. */
  readonly operations: readonly Timed[]
  readonly groups: readonly OperationGroup[]
  /** Of all operations, each alone. */
  readonly sumMicroseconds: number
  /** The step's launches one behind the other, and as one graph; null where there is none such. */
  readonly togetherMicroseconds: number | null
  readonly graphMicroseconds: number | null
  /** What a mark between two operations takes: left out of all times. */
  readonly markMicroseconds: number | null
  /** In the engine's loop, from a step's tokens to the next: the median. */
  readonly loopMicroseconds: number
  /** Of that, the host's own; null where the host is the device. */
  readonly hostMicroseconds: number | null
}

export interface ProfileReport {
  readonly command: string
  readonly date: string
  readonly commit: string | null
  readonly machine: Machine
  readonly model: string
  readonly weights: string
  readonly kvType: string
  readonly backend: string
  readonly ceilings: Most | null
  readonly steps: readonly StepReport[]
}
