import { kernel } from '../../../../cuda/index.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { CudaTensor } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched, threadsFor, vectorOf } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const GATHER = kernel('gather', { out: 'pointer', x: 'pointer', rows: 'pointer' })

/** By bytes. */
const WORDS: Readonly<Record<number, string>> = { 1: 'u8', 2: 'u16', 4: 'u32', 8: 'uint2', 16: 'uint4' }

export interface GatherRequest {
  /** `[rows, width]` */
  readonly out: CudaTensor
  /** `[…, width]`, of the same type */
  readonly x: CudaTensor
  readonly rows: number
}

export function gather(tools: Tools, { out, x, rows }: GatherRequest): DeviceOperation {
  const width = x.shape[x.shape.length - 1]!
  const rowBytes = width * ELEMENT_BYTES[x.type]
  const wordBytes = vectorOf(rowBytes, 16)
  const words = rowBytes / wordBytes
  const threads = threadsFor(words, 128)
  return launched(tools, {
    file: 'gather.cu',
    kernel: GATHER,
    defines: { WORD: WORDS[wordBytes]!, WIDTH: words, THREADS: threads },
    detail: `${x.type} [${rows}, ${width}]`,
    blocks: rows * Math.ceil(words / threads),
    threads,
    args: { out: out.pointer, x: x.pointer, rows: tools.step.logitRows },
    bytes: rows * (2 * rowBytes + 4),
    flops: 0,
  })
}
