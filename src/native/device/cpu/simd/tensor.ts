import { UnsupportedError } from '../../../../engine/index.ts'
import type { ElementType, MemoryPurpose, Tensor } from '../../device.ts'
import { packBf16, unpackBf16 } from '../bf16.ts'
import { elementsOf } from '../room.ts'
import type { Arena } from './arena.ts'

/** A piece of the arena. Only caches may be bfloat16: everything else is computed with as floats. */
export class SimdTensor implements Tensor {
  readonly at: number
  readonly elements: number
  /** Views of the rows of a `[rows, columns]` tensor of floats, made once. */
  readonly rows: Float32Array[] = []

  constructor(
    readonly arena: Arena,
    readonly shape: readonly number[],
    readonly type: ElementType,
    purpose: MemoryPurpose,
  ) {
    if (type === 'f16' || type === 'fp8') throw new UnsupportedError(`the CPU device knows no ${type}`)
    if (type === 'bf16' && purpose !== 'kv-cache') {
      throw new UnsupportedError(`the CPU device computes with f32: ${purpose} cannot be bf16`)
    }
    this.elements = elementsOf(shape)
    this.at = arena.take(this.elements * (type === 'bf16' ? 2 : 4), purpose)
  }

  upload(values: Float32Array | Int32Array, offset: number): void {
    if (offset + values.length > this.elements) {
      throw new RangeError(`a tensor of ${this.elements} values cannot take ${values.length} from ${offset} on`)
    }
    const { floats, ints, halves } = this.arena
    if (this.type === 'f32') floats.set(values, this.at / 4 + offset)
    else if (this.type === 'i32') ints.set(values, this.at / 4 + offset)
    else packBf16(halves, this.at / 2 + offset, Float32Array.from(values))
  }

  download(elements: number): Float32Array {
    const { floats, ints, halves } = this.arena
    const first = this.at / (this.type === 'bf16' ? 2 : 4)
    if (this.type === 'f32') return floats.slice(first, first + elements)
    if (this.type === 'i32') return Float32Array.from(ints.subarray(first, first + elements))
    return unpackBf16(halves.subarray(first, first + elements))
  }

  row(index: number, columns: number): Float32Array {
    let row = this.rows[index]
    if (row === undefined || row.length !== columns) {
      row = new Float32Array(this.arena.memory.buffer, this.at + index * columns * 4, columns)
      this.rows[index] = row
    }
    return row
  }
}
