/**
 * What UCX, by which MPICH and Open MPI may speak, must do otherwise in Node.js than it would by itself. It reads these when
 * it is loaded. What is set already stays.
 */
const SETTINGS = {
  // V8 finds WebAssembly's accesses out of bounds by the signal that UCX would end the process for.
  UCX_ERROR_SIGNALS: '',
  // It would patch brk and munmap in memory, which V8's threads call meanwhile: with UCX 1.13, 4 of 80 processes crashed
  // in malloc, and none of 80 without.
  UCX_MEM_EVENTS: 'n',
  // Standard output is for data.
  UCX_LOG_FILE: 'stderr',
} as const

export function setUcx(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(SETTINGS)) env[name] ??= value
}
