export { createReferenceDevice } from './reference/device.ts'
export { createCpuDevice } from './simd/device.ts'
