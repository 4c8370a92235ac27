import type { ElementType, MemoryPurpose, Tensor, Weight, WeightStorage } from '../../device.ts'
import { roundToBf16 } from '../bf16.ts'
import { quantiseRow } from '../int8.ts'
import { elementsOf } from '../room.ts'

/** Whatever the type, values lie as floats that the type can hold; integers as integers. */
export class ReferenceTensor implements Tensor {
  readonly values: Float32Array | Int32Array

  constructor(
    readonly shape: readonly number[],
    readonly type: ElementType,
    readonly purpose: MemoryPurpose,
  ) {
    const elements = elementsOf(shape)
    this.values = type === 'i32' ? new Int32Array(elements) : new Float32Array(elements)
  }

  get floats(): Float32Array {
    if (this.values instanceof Int32Array) throw new TypeError('an i32 tensor where floats are needed')
    return this.values
  }

  /** To be called after values `[from, to)` were written: rounds them to the tensor's type. */
  settle(from: number, to: number): void {
    if (this.type === 'bf16') roundToBf16(this.floats.subarray(from, to))
  }

  get bytes(): number {
    return this.values.length * (this.type === 'bf16' ? 2 : 4)
  }
}

/** Holds what its storage makes of the weights, as floats: `q · scale` for int8. */
export class ReferenceWeight implements Weight {
  readonly shape: readonly [number, number]
  readonly values: Float32Array

  constructor(
    out: number,
    inner: number,
    readonly storage: WeightStorage,
  ) {
    this.shape = [out, inner]
    this.values = new Float32Array(out * inner)
  }

  store(firstRow: number, values: Float32Array): void {
    const [out, inner] = this.shape
    if (values.length % inner !== 0 || firstRow * inner + values.length > this.values.length) {
      throw new RangeError(`weight [${out}, ${inner}]: cannot take ${values.length} values from row ${firstRow} on`)
    }
    const target = this.values.subarray(firstRow * inner, firstRow * inner + values.length)
    target.set(values)
    if (this.storage === 'bf16') roundToBf16(target)
    if (this.storage !== 'int8') return
    const q = new Int8Array(inner)
    for (let row = 0; row < target.length; row += inner) {
      const scale = quantiseRow(q, values.subarray(row, row + inner))
      for (let k = 0; k < inner; k++) target[row + k] = q[k]! * scale
    }
  }

  get bytes(): number {
    const [out, inner] = this.shape
    return this.storage === 'int8' ? out * (inner + 4) : out * inner * (this.storage === 'bf16' ? 2 : 4)
  }
}
