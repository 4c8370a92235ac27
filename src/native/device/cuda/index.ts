export type { Ceilings } from './ceilings.ts'
export { type CudaDeviceOptions, createCudaDevice } from './create-cuda-device.ts'
export type { CudaDevice } from './device.ts'
