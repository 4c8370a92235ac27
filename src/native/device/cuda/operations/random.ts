import { kernel } from '../../../../cuda/index.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import { type CudaTensor, CudaWeight } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const FILL = kernel('fillRandom', { to: 'pointer', count: 'u64', key: 'u32', scale: 'f64' })
const FILL_ROWS = kernel('fillRandomRows', { to: 'pointer', scales: 'pointer', key: 'u32', scale: 'f64' })

/** Threads of a block of every kernel of random.cu. */
const THREADS = 256

export interface FillRandomRequest {
  readonly to: CudaTensor | CudaWeight
  /** Element of `to`; where rows have scales, the first of a row. */
  readonly first: number
  /** Elements; where rows have scales, whole rows. */
  readonly count: number
  /** Of 32 bits, signed or not. */
  readonly key: number
  readonly scale: number
}

/** Element `first + i` becomes value `i` of those that {@link randomValues} tells of. */
export function fillRandom(tools: Tools, { to, first, count, key, scale }: FillRandomRequest): DeviceOperation {
  const type = to instanceof CudaWeight ? to.storage : to.type
  if (type === 'i32') throw new TypeError('random values are floats')
  const bytes = count * ELEMENT_BYTES[type]
  const at = to.pointer + first * ELEMENT_BYTES[type]
  if (to instanceof CudaWeight && to.scales !== 0) {
    const inner = to.shape[1]
    if (first % inner !== 0 || count % inner !== 0) {
      throw new RangeError(`${count} values from ${first} on are no whole rows of ${inner}`)
    }
    const [firstRow, rows] = [first / inner, count / inner]
    return launched(tools, {
      file: 'random.cu',
      kernel: FILL_ROWS,
      defines: { STORAGE: type, SCALED: 1, WIDTH: inner },
      detail: `${type} [${rows}, ${inner}]`,
      blocks: rows,
      threads: THREADS,
      args: { to: at, scales: to.scales + 4 * firstRow, key: key >>> 0, scale },
      bytes: bytes + 4 * rows,
      flops: 2 * count,
    })
  }
  const vector = at % (8 * ELEMENT_BYTES[type]) === 0 ? 8 : 1
  return launched(tools, {
    file: 'random.cu',
    kernel: FILL,
    defines: { STORAGE: type, VECTOR: vector },
    detail: `${type} [${count}]`,
    blocks: Math.max(1, Math.ceil(count / (vector * THREADS))),
    threads: THREADS,
    args: { to: at, count, key: key >>> 0, scale },
    bytes,
    flops: count,
  })
}
