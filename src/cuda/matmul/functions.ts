import type { StreamHandle } from '../driver/functions.ts'
import { Kind, type Signature } from '../driver/signature.ts'

const i32 = new Kind<number>('int32_t')
const size = new Kind<number>('size_t')
const u64 = new Kind<number>('uint64_t')
const i64 = new Kind<number>('int64_t')
const address = new Kind<number>('uint64_t')
const bytes = new Kind<ArrayBufferView>('const void *')
const handle = new Kind<number>('uint64_t')
const descriptor = new Kind<number>('uint64_t')
const layout = new Kind<number>('uint64_t')
const preference = new Kind<number>('uint64_t')
const pointer = new Kind<number>('uint64_t')
const stream = new Kind<StreamHandle>('uint64_t')

/** The functions of libcublasLt that are called, as in cublasLt.h; all give a cublasStatus_t. */
export const CUBLASLT_FUNCTIONS = {
  cublasLtCreate: [address],
  cublasLtDestroy: [handle],
  cublasLtMatmulDescCreate: [address, i32, i32],
  cublasLtMatmulDescDestroy: [descriptor],
  cublasLtMatmulDescSetAttribute: [descriptor, i32, bytes, size],
  cublasLtMatrixLayoutCreate: [address, i32, u64, u64, i64],
  cublasLtMatrixLayoutDestroy: [layout],
  cublasLtMatmulPreferenceCreate: [address],
  cublasLtMatmulPreferenceDestroy: [preference],
  cublasLtMatmulPreferenceSetAttribute: [preference, i32, bytes, size],
  /** Handle, operation, layouts of A, B, C and D, preference, most results, results, how many. */
  cublasLtMatmulAlgoGetHeuristic: [
    ...[handle, descriptor, layout, layout, layout, layout],
    ...[preference, i32, address, address],
  ],
  /** Handle, operation, α, A, its layout, B, …, β, C, …, D, …, algorithm, workspace, its bytes, stream. */
  cublasLtMatmul: [
    ...[handle, descriptor, address, pointer, layout, pointer, layout, address, pointer, layout, pointer, layout],
    ...[address, pointer, size, stream],
  ],
} as const satisfies Record<string, Signature>
