import type { EngineStats, SamplingParams } from '../engine/index.ts'
import type { MemoryBudget } from './device/device.ts'
import type { Job } from './job.ts'
import type { StepResult } from './loop.ts'
import type { ModelSource } from './model-source.ts'
import type { NativeSettings } from './options.ts'
import type { TokenTable } from './output/token-table.ts'

/** What crosses between the server's thread and the engine's. Everything is plain data. */

/** Given to the engine's thread when it starts. */
export interface ThreadData {
  readonly source: ModelSource
  readonly settings: NativeSettings
  readonly table: TokenTable
}

export type ToThread =
  | { readonly type: 'submit'; readonly job: Job }
  | { readonly type: 'abort'; readonly id: number }
  /** The job's reader has stopped reading, or reads on. */
  | { readonly type: 'pause'; readonly id: number; readonly paused: boolean }
  | { readonly type: 'close' }

export interface LoadedModel {
  readonly backend: string
  readonly contextLength: number
  readonly vocabSize: number
  readonly parameters: number
  readonly weightType: string
  readonly maxSequences: number
  readonly kvBlockSize: number
  readonly samplingDefaults: SamplingParams
  readonly memory: MemoryBudget
}

export type FromThread =
  | { readonly type: 'progress'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly type: 'loaded'; readonly model: LoadedModel; readonly stats: EngineStats }
  | { readonly type: 'load-failed'; readonly message: string }
  /** The engine can run no step any more: the last message of its thread. */
  | { readonly type: 'failed'; readonly message: string }
  /** Once a step, with all that came of it. */
  | ({ readonly type: 'step'; readonly stats: EngineStats } & StepResult)
