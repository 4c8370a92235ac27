/** What a model takes and what it gives on a card, worked out before anything is loaded. Pure. */
export { type Advice, advise } from './advice.ts'
export { CARDS, type Card, findCard, type Gpus, parseGpus, UnknownCardError } from './cards.ts'
export { type MemoryLine, type MemoryPlan, type MemoryRequest, type MemoryUse, memoryPlan } from './memory-plan.ts'
export type { KvStorage } from './model-bytes.ts'
export { DRIVER_BYTES, LEAST_CAPABILITY } from './reserves.ts'
export { type Bound, type Roofline, type RooflineRequest, roofline, type StepTime } from './roofline.ts'
