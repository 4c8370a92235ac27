/** Constants of the CUDA driver (cuda.h), by its own names. */

export const CUDA_SUCCESS = 0
export const CUDA_ERROR_DEINITIALIZED = 4
export const CUDA_ERROR_NOT_READY = 600
export const CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE = 910

/** Errors after which every further call in the context fails: the context is corrupt. */
export const FATAL_ERRORS: ReadonlySet<string> = new Set([
  'CUDA_ERROR_ECC_UNCORRECTABLE',
  'CUDA_ERROR_NVLINK_UNCORRECTABLE',
  'CUDA_ERROR_CONTAINED',
  'CUDA_ERROR_ILLEGAL_ADDRESS',
  'CUDA_ERROR_LAUNCH_TIMEOUT',
  'CUDA_ERROR_ASSERT',
  'CUDA_ERROR_HARDWARE_STACK_ERROR',
  'CUDA_ERROR_ILLEGAL_INSTRUCTION',
  'CUDA_ERROR_MISALIGNED_ADDRESS',
  'CUDA_ERROR_INVALID_ADDRESS_SPACE',
  'CUDA_ERROR_INVALID_PC',
  'CUDA_ERROR_LAUNCH_FAILED',
  'CUDA_ERROR_TENSOR_MEMORY_LEAK',
  'CUDA_ERROR_EXTERNAL_DEVICE',
  'CUDA_ERROR_UNKNOWN',
])

/** CUdevice_attribute. */
export const DEVICE_ATTRIBUTE = {
  multiprocessors: 16,
  l2Bytes: 38,
  capabilityMajor: 75,
  capabilityMinor: 76,
  sharedBytesPerBlockOptin: 97,
} as const

/** CUfunction_attribute. */
export const FUNCTION_ATTRIBUTE = {
  maxThreads: 0,
  sharedBytes: 1,
  localBytes: 3,
  registers: 4,
  maxDynamicSharedBytes: 8,
} as const

/** CUlaunchAttributeID: the kernel may start before the one ahead of it in the stream has ended. */
export const LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION = 6

/** CUstream_flags: no implicit order with the legacy default stream. */
export const STREAM_NON_BLOCKING = 1

/** CUstreamCaptureMode: other calls of this and other threads stay allowed while a stream is captured. */
export const CAPTURE_MODE_RELAXED = 2

/** CUevent_flags. */
export const EVENT_DEFAULT = 0
export const EVENT_BLOCKING_SYNC = 1
export const EVENT_DISABLE_TIMING = 2

/** Flag of cuMemHostAlloc: pinned for all contexts. */
export const HOST_ALLOC_PORTABLE = 1

/** Dynamic shared memory that a kernel may have without asking for more. */
export const DEFAULT_SHARED_BYTES = 48 * 1024
