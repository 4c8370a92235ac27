import { kernel } from '../../../../cuda/index.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { CudaTensor, CudaWeight } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched, threadsFor, vectorOf } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const EMBED = kernel('embed', {
  out: 'pointer',
  table: 'pointer',
  scales: 'pointer',
  tokens: 'pointer',
  drawn: 'pointer',
  scale: 'f32',
})

export interface EmbedRequest {
  /** f32 `[tokens, width]` */
  readonly out: CudaTensor
  readonly table: CudaWeight
  readonly scale: number
  readonly tokens: number
}

export function embed(tools: Tools, { out, table, scale, tokens }: EmbedRequest): DeviceOperation {
  const [vocab, width] = table.shape
  const vectors = width / vectorOf(width, 8)
  const threads = threadsFor(vectors, 128)
  const scaled = table.scales !== 0
  return launched(tools, {
    file: 'embed.cu',
    kernel: EMBED,
    defines: { STORAGE: table.storage, SCALED: scaled ? 1 : 0, WIDTH: width, THREADS: threads },
    detail: `${table.storage} [${tokens}] of [${vocab}, ${width}]`,
    blocks: tokens * Math.ceil(vectors / threads),
    threads,
    args: {
      out: out.pointer,
      table: table.pointer,
      scales: table.scales,
      tokens: tools.step.tokens,
      drawn: tools.step.drawn,
      scale,
    },
    bytes: tokens * (width * (4 + ELEMENT_BYTES[table.storage]) + (scaled ? 8 : 4)),
    flops: tokens * width,
  })
}
