/** The contract that every engine keeps and all that uses one relies on. */
export { type Collected, type CollectedChoice, collect } from './collect.ts'
export {
  type Engine,
  type EngineHealth,
  type EngineInfo,
  type EngineLoad,
  type EngineStats,
  UNKNOWN_CONTEXT,
} from './engine.ts'
export * from './errors.ts'
export { estimateTokens } from './estimate-tokens.ts'
export { EventStream, UNREAD_LIMIT } from './event-stream.ts'
export type * from './events.ts'
export { UNKNOWN_TOKEN } from './events.ts'
export type * from './request.ts'
export { type ResolvedSampling, SAMPLING_DEFAULTS, type SamplingParams } from './sampling.ts'
export { type StepHistograms, StepMeter } from './step-meter.ts'
export { type Released, StopFilter, type TextToken } from './stop-filter.ts'
export {
  countedTokens,
  LOGIT_BIAS_RANGE,
  type NumberRange,
  outputLimit,
  REQUEST_LIMITS,
  SAMPLING_RANGES,
  validateInput,
  validateRequest,
  validateTokenIds,
} from './validate-request.ts'
