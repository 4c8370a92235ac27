import type { InProcessEngine } from '../../native/index.ts'
import type { Most } from './figures.ts'

/** What the card gives at best, measured now; undefined on a CPU. */
export function ceilingsOf({ cuda }: InProcessEngine, onProgress?: (text: string) => void): Most | undefined {
  if (cuda === undefined) return undefined
  const { readBytesPerSecond, bf16OperationsPerSecond } = cuda.ceilings()
  const most = { gigabytesPerSecond: readBytesPerSecond / 1e9, teraflops: bf16OperationsPerSecond / 1e12 }
  const { gigabytesPerSecond, teraflops } = most
  onProgress?.(`the GPU at best: ${gigabytesPerSecond.toFixed(0)} GB/s, ${teraflops.toFixed(0)} TFLOP/s`)
  return most
}
