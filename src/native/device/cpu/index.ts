export { createReferenceDevice } from './reference/device.ts'
export { type CpuDeviceOptions, createCpuDevice } from './simd/device.ts'
