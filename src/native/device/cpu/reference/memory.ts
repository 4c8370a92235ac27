import type { ElementType, MemoryPurpose, Tensor, Weight, WeightStorage } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import { roundToBf16 } from '../bf16.ts'
import { roundToF16 } from '../f16.ts'
import { quantiseRowToFp8, roundToFp8 } from '../fp8.ts'
import { quantiseRow } from '../int8.ts'
import { elementsOf } from '../room.ts'

const ROUNDINGS = { bf16: roundToBf16, f16: roundToF16, fp8: roundToFp8 } as const

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
    if (this.type in ROUNDINGS) ROUNDINGS[this.type as keyof typeof ROUNDINGS](this.floats.subarray(from, to))
  }

  get bytes(): number {
    return this.values.length * ELEMENT_BYTES[this.type]
  }
}

/** Holds what its storage makes of the weights, as floats: `q · scale` for int8 and fp8. */
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
    if (this.storage === 'bf16' || this.storage === 'f16') ROUNDINGS[this.storage](target)
    if (this.storage !== 'int8' && this.storage !== 'fp8') return
    for (let at = 0; at < target.length; at += inner) {
      const row = target.subarray(at, at + inner)
      const scale = this.storage === 'int8' ? quantiseToIntegers(row) : quantiseRowToFp8(row)
      for (let k = 0; k < inner; k++) row[k] = row[k]! * scale
    }
  }

  get bytes(): number {
    const [out, inner] = this.shape
    const scales = this.storage === 'int8' || this.storage === 'fp8' ? 4 * out : 0
    return out * inner * ELEMENT_BYTES[this.storage] + scales
  }
}

/** {@link quantiseRow} in place. */
function quantiseToIntegers(row: Float32Array): number {
  const q = new Int8Array(row.length)
  const scale = quantiseRow(q, row)
  row.set(q)
  return scale
}
