// The first page of the shared memory: what the threads say to each other. One 64-byte cache line for each word that
// several threads write. `src/native/device/cpu/control.ts` names the few of them that the host touches.

/** i64: job number in the upper half, chunks not yet claimed in the lower. */
export const TICKET: usize = 64
/** i32: counts jobs; workers sleep on it. */
export const DOORBELL: usize = 128
/** i32: workers asleep, or about to be. */
export const SLEEPERS: usize = 192
/** i32: chunks of the current job that are done; the caller sleeps on it. */
export const FINISHED: usize = 256
/** i32: 1 while the caller sleeps, or is about to. */
export const CALLER_WAITS: usize = 320
/** i32: 1 once the workers are to return. */
export const STOP: usize = 384
/** i32: 1 once a worker has trapped. */
export const FAILED: usize = 388
/** i32: threads, the caller included. */
export const THREADS: usize = 392
/** i32: work of a chunk that is worth another thread's while, in multiply-adds. */
export const CHUNK_WORK: usize = 396

/** The current job: operation, items, items per chunk, chunks; then its arguments, 4 bytes each. */
export const JOB_OPERATION: usize = 448
export const JOB_ITEMS: usize = 452
export const JOB_STEP: usize = 456
export const JOB_CHUNKS: usize = 460
export const ARGUMENTS: usize = 512
