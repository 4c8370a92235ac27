/** Kernels to learn from, to measure a card by and to begin one's own with. */
export { type BenchResult, bench, type Ceilings } from './bench.ts'
export { type CheckResult, check } from './check.ts'
export type { KitEntry, Size } from './entry.ts'
export { KIT } from './kit.ts'
export { KitMachine } from './machine.ts'
export { parseArguments } from './own/argument.ts'
export { type KernelFileResult, runKernelFile } from './own/run-kernel-file.ts'
