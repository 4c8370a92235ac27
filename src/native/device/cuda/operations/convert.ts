import { type DevicePointer, kernel } from '../../../../cuda/index.ts'
import type { ActivationType, ElementType } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { CudaWeight } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched, vectorOf } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const CONVERT = kernel('convert', { to: 'pointer', from: 'pointer', count: 'u64' })
const RESTORE = kernel('restore', { to: 'pointer', from: 'pointer', count: 'u64' })
const QUANTISE = kernel('quantise', { to: 'pointer', scales: 'pointer', from: 'pointer' })
const DEQUANTISE = kernel('dequantise', { to: 'pointer', from: 'pointer', scales: 'pointer', count: 'u64' })

/** Threads of a block of every kernel of convert.cu. */
const THREADS = 256
/** Vectors that a thread of `dequantise` has in flight. */
const CHUNKS = 4

type FloatType = Exclude<ElementType, 'i32'>

export interface ConvertRequest {
  /** An address of `type`, any that such a value may have. */
  readonly to: DevicePointer
  readonly type: FloatType
  /** An address of floats. */
  readonly from: DevicePointer
  readonly count: number
}

/** Floats to another type: to nearest, ties to even. */
export function convert(tools: Tools, { to, type, from, count }: ConvertRequest): DeviceOperation {
  return plain(tools, CONVERT, to, from, type, to, from, count)
}

export interface RestoreRequest {
  /** An address of floats. */
  readonly to: DevicePointer
  /** An address of `type`. */
  readonly from: DevicePointer
  readonly type: FloatType
  readonly count: number
}

/** Values of another type as floats. */
export function restore(tools: Tools, { to, from, type, count }: RestoreRequest): DeviceOperation {
  return plain(tools, RESTORE, to, from, type, from, to, count)
}

export interface QuantiseRequest {
  /** Of int8 or fp8. */
  readonly weight: CudaWeight
  readonly firstRow: number
  readonly rows: number
  /** An address of floats `[rows, inner]`; 16 divides it. */
  readonly from: DevicePointer
}

/** Rows of a weight with one scale each. */
export function quantise(tools: Tools, { weight, firstRow, rows, from }: QuantiseRequest): DeviceOperation {
  const { shape, storage, pointer, scales } = weight
  const inner = shape[1]
  return launched(tools, {
    file: 'convert.cu',
    kernel: QUANTISE,
    defines: { STORAGE: storage, SCALED: 1, WIDTH: inner },
    detail: `f32 → ${storage} [${rows}, ${inner}]`,
    blocks: rows,
    threads: THREADS,
    args: { to: pointer + firstRow * inner, scales: scales + 4 * firstRow, from },
    bytes: rows * (5 * inner + 4),
    flops: 3 * rows * inner,
  })
}

export interface DequantiseRequest {
  /** Room for `[rows, inner]` of `type`; 256 divides the address. */
  readonly to: DevicePointer
  readonly type: ActivationType
  /** Of int8 or fp8. */
  readonly weight: CudaWeight
  /** Default: all. */
  readonly firstRow?: number
  readonly rows?: number
}

/** Rows of a weight without their scales, for a library that wants its operands so. */
export function dequantise(tools: Tools, request: DequantiseRequest): DeviceOperation {
  const { to, type, weight, firstRow = 0, rows = weight.shape[0] } = request
  const { shape, storage, pointer, scales } = weight
  const inner = shape[1]
  const vector = vectorOf(inner, 16)
  return launched(tools, {
    file: 'convert.cu',
    kernel: DEQUANTISE,
    defines: { STORAGE: storage, SCALED: 1, TARGET: type, WIDTH: inner },
    detail: `${storage} → ${type} [${rows}, ${inner}]`,
    blocks: Math.ceil((rows * inner) / (vector * THREADS * CHUNKS)),
    threads: THREADS,
    args: { to, from: pointer + firstRow * inner, scales: scales + 4 * firstRow, count: rows * inner },
    bytes: rows * (inner * (1 + ELEMENT_BYTES[type]) + 4),
    flops: rows * inner,
  })
}

function plain(
  tools: Tools,
  declaration: typeof CONVERT,
  to: DevicePointer,
  from: DevicePointer,
  type: FloatType,
  narrow: DevicePointer,
  wide: DevicePointer,
  count: number,
): DeviceOperation {
  // A piece of a tensor may start anywhere.
  const aligned = narrow % (8 * ELEMENT_BYTES[type]) === 0 && wide % 32 === 0
  const vector = aligned ? 8 : 1
  return launched(tools, {
    file: 'convert.cu',
    kernel: declaration,
    defines: { STORAGE: type, VECTOR: vector },
    detail: `${type} [${count}]`,
    blocks: Math.max(1, Math.ceil(count / (vector * THREADS))),
    threads: THREADS,
    args: { to, from, count },
    bytes: count * (4 + ELEMENT_BYTES[type]),
    flops: 0,
  })
}
