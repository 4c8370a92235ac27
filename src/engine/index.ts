/** The contract that every engine keeps and all that uses one relies on. */
export { type Collected, type CollectedChoice, collect } from './collect.ts'
export type { Engine, EngineHealth, EngineInfo, EngineStats } from './engine.ts'
export * from './errors.ts'
export { EventStream } from './event-stream.ts'
export type * from './events.ts'
export type * from './request.ts'
export { type ResolvedSampling, SAMPLING_DEFAULTS, type SamplingParams } from './sampling.ts'
export { outputLimit, REQUEST_LIMITS, validateRequest } from './validate-request.ts'
