/** Our own engine: a model's files in, tokens out. */

export type { StepProfile } from './device/cuda/index.ts'
export { contextSizes } from './device/cuda/step/step-sizes.ts'
export { TECHNIQUES, type Technique } from './device/cuda/techniques.ts'
export { BLOCK_SIZE, type Device, type WeightStorage } from './device/device.ts'
export { type InProcessEngine, openInProcess } from './in-process.ts'
export { blockHashes } from './kv/block-hashes.ts'
export type { StepResult } from './loop.ts'
export type { ModelConfig } from './model/config.ts'
export { readModelConfig } from './model/read-config.ts'
export { isShapeName, modelShape, type ShapeName, shapeNames } from './model/shapes.ts'
export { countParameters, planWeights } from './model/weight-plan.ts'
export { openNative } from './open-native.ts'
export { openPromptEncoder } from './open-prompt-encoder.ts'
export type { DeviceName, LoadProgress, NativeOptions, WeightType } from './options.ts'
export { inPhase, observePhases, type Phase, type PhaseObserver, throughPhase } from './phases.ts'
export {
  type Advice,
  advise,
  CARDS,
  type Card,
  DRIVER_BYTES,
  findCard,
  type KvStorage,
  kvBlockBytes,
  LEAST_CAPABILITY,
  type MemoryPlan,
  type MemoryRequest,
  memoryPlan,
  parseGpus,
  type Roofline,
  roofline,
  type StepWork,
  type StepWorkRequest,
  stepWork,
} from './plan/index.ts'
