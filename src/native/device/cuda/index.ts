export { createCudaDevice } from './create-cuda-device.ts'
export type { CudaDevice } from './device.ts'
export type { StepProfile } from './profile-step.ts'
