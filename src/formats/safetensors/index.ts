export { openCheckpoint } from './checkpoint.ts'
export { type Dtype, FLOAT_DTYPES, type FloatDtype, isFloatDtype } from './dtype.ts'
export { SafetensorsFile } from './safetensors-file.ts'
export type { TensorInfo, TensorSource } from './tensor-source.ts'
