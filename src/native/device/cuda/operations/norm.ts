import { kernel } from '../../../../cuda/index.ts'
import type { NormOptions } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { CudaTensor } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched, threadsFor, vectorOf } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const NORM = kernel('rmsNorm', { out: 'pointer', x: 'pointer', weight: 'pointer', epsilon: 'f32', offset: 'f32' })
const ADD_NORM = kernel('addNorm', {
  out: 'pointer',
  residual: 'pointer',
  x: 'pointer',
  weight: 'pointer',
  epsilon: 'f32',
  offset: 'f32',
})
const ADD = kernel('addResidual', { residual: 'pointer', x: 'pointer' })

export interface NormRequest {
  readonly out: CudaTensor
  readonly x: CudaTensor
  readonly weight: CudaTensor
  readonly rows: number
  readonly options: NormOptions
}

export interface AddNormRequest extends NormRequest {
  /** f32 */
  readonly residual: CudaTensor
}

export interface AddRequest {
  /** f32 */
  readonly residual: CudaTensor
  readonly x: CudaTensor
  readonly rows: number
}

export function norm(tools: Tools, { out, x, weight, rows, options }: NormRequest): DeviceOperation {
  const width = weight.elements
  const { file, defines, detail, blocks, threads } = rowsOf(rows, width, x, out)
  return launched(tools, {
    file,
    kernel: NORM,
    defines,
    detail,
    blocks,
    threads,
    args: {
      out: out.pointer,
      x: x.pointer,
      weight: weight.pointer,
      epsilon: options.epsilon,
      offset: options.offset,
    },
    bytes: rows * width * (ELEMENT_BYTES[x.type] + ELEMENT_BYTES[out.type]) + width * 4,
    flops: 4 * rows * width,
  })
}

export function addNorm(tools: Tools, request: AddNormRequest): DeviceOperation {
  const { out, residual, x, weight, rows, options } = request
  const width = weight.elements
  requireFloats(residual)
  const { file, defines, detail, blocks, threads } = rowsOf(rows, width, x, out)
  return launched(tools, {
    file,
    kernel: ADD_NORM,
    defines,
    detail,
    blocks,
    threads,
    args: {
      out: out.pointer,
      residual: residual.pointer,
      x: x.pointer,
      weight: weight.pointer,
      epsilon: options.epsilon,
      offset: options.offset,
    },
    bytes: rows * width * (8 + ELEMENT_BYTES[x.type] + ELEMENT_BYTES[out.type]) + width * 4,
    flops: 5 * rows * width,
  })
}

export function add(tools: Tools, { residual, x, rows }: AddRequest): DeviceOperation {
  const width = residual.shape[residual.shape.length - 1]!
  requireFloats(residual)
  const { file, defines, detail, blocks, threads } = rowsOf(rows, width, x, residual)
  return launched(tools, {
    file,
    kernel: ADD,
    defines,
    detail,
    blocks,
    threads,
    args: { residual: residual.pointer, x: x.pointer },
    bytes: rows * width * (8 + ELEMENT_BYTES[x.type]),
    flops: rows * width,
  })
}

/** Values of a row that a thread keeps in registers, at most, before the block is made as large as can be. */
const THREAD_VALUES = 24

/** A block a row, and threads enough that each has a vector or two. */
function rowsOf(rows: number, width: number, input: CudaTensor, output: CudaTensor) {
  const vector = vectorOf(width, input.type === 'f32' && output.type === 'f32' ? 4 : 8)
  const threads = threadsFor(width / vector, width > 512 * THREAD_VALUES ? 1024 : 512)
  return {
    file: 'norm.cu',
    defines: { INPUT: input.type, OUTPUT: output.type, WIDTH: width, THREADS: threads },
    detail: `${input.type} → ${output.type} [${rows}, ${width}]`,
    blocks: rows,
    threads,
  }
}

function requireFloats(residual: CudaTensor): void {
  if (residual.type !== 'f32') throw new TypeError(`a residual is f32, not ${residual.type}`)
}
