export { openCheckpoint } from './checkpoint.ts'
export { FLOAT_DTYPES, isFloatDtype } from './dtype.ts'
export { SafetensorsFile } from './safetensors-file.ts'
export type { TensorInfo, TensorSource } from './tensor-source.ts'
