import type { ElementType, MemoryPurpose, Tensor, Weight, WeightStorage } from '../device.ts'
import { ELEMENT_BYTES } from '../element-bytes.ts'

export { ELEMENT_BYTES }

/** Values on the card, row-major and without gaps. */
export class CudaTensor implements Tensor {
  constructor(
    /** The device it belongs to. */
    readonly owner: object,
    readonly shape: readonly number[],
    readonly type: ElementType,
    readonly purpose: MemoryPurpose,
    /** A device address; 256 divides it. */
    readonly pointer: number,
  ) {}

  get elements(): number {
    return this.shape.reduce((product, size) => product * size, 1)
  }

  get bytes(): number {
    return this.elements * ELEMENT_BYTES[this.type]
  }
}

/** A matrix `[out, inner]` on the card, row-major and without gaps. */
export class CudaWeight implements Weight {
  constructor(
    readonly owner: object,
    readonly shape: readonly [number, number],
    readonly storage: WeightStorage,
    readonly pointer: number,
    /** Address of the scales, f32 `[out]`, of int8 and fp8; else 0. */
    readonly scales: number,
  ) {}

  /** Matrix and scales. */
  get bytes(): number {
    const [out, inner] = this.shape
    return out * inner * ELEMENT_BYTES[this.storage] + (this.scales === 0 ? 0 : out * 4)
  }
}
