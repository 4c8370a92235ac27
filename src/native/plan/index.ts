/** What a model takes and what it gives on a card, worked out before anything is loaded. Pure. */
export { type Advice, advise } from './advice.ts'
export { CARDS, type Card, findCard, parseGpus } from './cards.ts'
export { fitBounds, type OpenBound } from './fit-bounds.ts'
export { type MemoryPlan, type MemoryRequest, memoryPlan } from './memory-plan.ts'
export { type KvStorage, kvBlockBytes } from './model-bytes.ts'
export { DRIVER_BYTES, LEAST_CAPABILITY } from './reserves.ts'
export { type Roofline, roofline } from './roofline.ts'
export { type StepWork, type StepWorkRequest, stepWork } from './step-work.ts'
