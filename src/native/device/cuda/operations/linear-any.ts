import { kernel } from '../../../../cuda/index.ts'
import type { Tools } from '../tools.ts'
import { launched } from './launched.ts'
import { bytesOf, detailOf, flopsOf, type LinearRequest } from './linear-request.ts'
import type { DeviceOperation } from './operation.ts'

const LINEAR_ANY = kernel('linearAny', {
  weight: 'pointer',
  scales: 'pointer',
  bias: 'pointer',
  x: 'pointer',
  out: 'pointer',
  rows: 'i32',
})

const THREADS = 256
const COLUMNS = 64

/** The product at any shape and of any types. */
export function linearAny(tools: Tools, request: LinearRequest): DeviceOperation {
  const { out, x, weight, rows, bias } = request
  const [width, inner] = weight.shape
  const tokens = rows <= 16 ? 16 : 64
  return launched(tools, {
    file: 'linear-any.cu',
    kernel: LINEAR_ANY,
    defines: {
      ACTIVATION: x.type,
      OUTPUT: out.type,
      WEIGHT: weight.storage,
      WIDTH: width,
      INNER: inner,
      TOKENS: tokens,
      BIAS: bias === undefined ? 0 : 1,
    },
    detail: detailOf(request),
    blocks: [Math.ceil(rows / tokens), Math.ceil(width / COLUMNS)],
    threads: THREADS,
    args: {
      weight: weight.pointer,
      scales: weight.scales,
      bias: bias?.pointer ?? 0,
      x: x.pointer,
      out: out.pointer,
      rows,
    },
    bytes: bytesOf(request),
    flops: flopsOf(request),
  })
}
