/** Constants of cuBLASLt (cublasLt.h, cublas_api.h, library_types.h). */

/** cublasComputeType_t: products and sums in f32; f32 operands are not rounded to TF32. */
export const COMPUTE_32F = 68

/** cudaDataType_t. */
export const DATA_TYPE = { f32: 0, f16: 2, bf16: 14 } as const

/** cublasOperation_t. */
export const OPERATION = { plain: 0, transposed: 1 } as const

/** cublasLtMatmulDescAttributes_t. */
export const DESCRIPTOR_ATTRIBUTE = {
  transposeA: 3,
  transposeB: 4,
  epilogue: 7,
  biasPointer: 8,
  biasType: 26,
} as const

/** cublasLtEpilogue_t: adds a vector to every column. */
export const EPILOGUE_BIAS = 4

/** cublasLtMatmulPreferenceAttributes_t. */
export const PREFERENCE_ATTRIBUTE = {
  maxWorkspaceBytes: 1,
  reductionSchemes: 3,
  alignmentA: 5,
  alignmentB: 6,
  alignmentC: 7,
  alignmentD: 8,
} as const

/**
 * cublasLtReductionScheme_t: where the inner dimension is split, the parts are added in f32 and always in one order,
 * by a second pass over the workspace. Sums in place would depend on who comes first.
 */
export const REDUCTION_SCHEME_COMPUTE_TYPE = 2

/** cublasLtMatmulHeuristicResult_t: the algorithm (64 bytes), workspace bytes (u64), status (i32), waves (f32), 16 unused. */
export const HEURISTIC_RESULT = { bytes: 96, workspaceAt: 64, statusAt: 72, wavesAt: 76 } as const

/** cublasStatus_t by number. */
export const CUBLAS_STATUS: Readonly<Record<number, string>> = {
  1: 'CUBLAS_STATUS_NOT_INITIALIZED',
  3: 'CUBLAS_STATUS_ALLOC_FAILED',
  7: 'CUBLAS_STATUS_INVALID_VALUE',
  8: 'CUBLAS_STATUS_ARCH_MISMATCH',
  11: 'CUBLAS_STATUS_MAPPING_ERROR',
  13: 'CUBLAS_STATUS_EXECUTION_FAILED',
  14: 'CUBLAS_STATUS_INTERNAL_ERROR',
  15: 'CUBLAS_STATUS_NOT_SUPPORTED',
  16: 'CUBLAS_STATUS_LICENSE_ERROR',
}
