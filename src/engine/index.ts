/** The contract that every engine keeps and all that uses one relies on. */
export type { Engine, EngineHealth, EngineInfo, EngineStats } from './engine.ts'
export * from './errors.ts'
export type * from './events.ts'
export type * from './request.ts'
export { type ResolvedSampling, SAMPLING_DEFAULTS, type SamplingParams } from './sampling.ts'
