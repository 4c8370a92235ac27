/**
 * The words of the memory's first page that the host touches, as indices of 4 bytes; `kernels/simd/control.ts` has all
 * of them, in bytes.
 */
export const DOORBELL = 128 / 4
export const FINISHED = 256 / 4
export const STOP = 384 / 4
export const FAILED = 388 / 4
export const THREADS = 392 / 4
export const CHUNK_WORK = 396 / 4

/** Bytes of the page of control words. */
export const CONTROL_BYTES = 4096
