import type { Device, ElementType, KvLayer, MemoryPurpose, Tensor, Weight, WeightStorage } from '../../device.ts'
import { BLOCK_SIZE } from '../../device.ts'

/** Random inputs, made where they lie and shared by all cases that want the same: a device gives nothing back. */
export class SpeedInputs {
  readonly #tensors = new Map<string, Tensor>()
  readonly #weights = new Map<string, Weight>()

  constructor(readonly device: Device) {}

  /** `[out, inner]`; as many that differ as there are copies. */
  weight(out: number, inner: number, storage: WeightStorage, copy: number): Weight {
    const key = `${out} ${inner} ${storage} ${copy}`
    const known = this.#weights.get(key)
    if (known !== undefined) return known
    const weight = this.device.allocateWeight(out, inner, storage)
    this.device.uploadRandom(weight, 0, out * inner, this.#weights.size, uniform(1 / Math.sqrt(inner)))
    this.#weights.set(key, weight)
    return weight
  }

  /** What an operation reads or writes: tensors of one name and shape are one. */
  active(name: string, shape: readonly [number, number], type: ElementType = this.device.activationType): Tensor {
    return this.#tensor(name, shape, type, 'activations')
  }

  /** Spread so far that a tenth of the tokens has most of the probability. */
  logits(rows: number, vocab: number): Tensor {
    return this.#tensor('logits', [rows, vocab], 'f32', 'activations', 8)
  }

  /** Of a norm, or a table of rotations. */
  floats(name: string, ...shape: readonly number[]): Tensor {
    return this.#tensor(name, shape, 'f32', 'weights')
  }

  cache(blocks: number, kvHeads: number, headDim: number, type: ElementType, copy: number): KvLayer {
    const shape = [blocks, BLOCK_SIZE, kvHeads, headDim]
    const [k, v] = ['k', 'v'].map(name => this.#tensor(`${name} ${copy}`, shape, type, 'kv-cache'))
    return { k: k!, v: v! }
  }

  #tensor(name: string, shape: readonly number[], type: ElementType, purpose: MemoryPurpose, deviation = 1): Tensor {
    const key = `${name} ${shape} ${type}`
    const known = this.#tensors.get(key)
    if (known !== undefined) return known
    const tensor = this.device.allocate(shape, type, purpose)
    const count = shape.reduce((product, size) => product * size, 1)
    this.device.uploadRandom(tensor, 0, count, this.#tensors.size, uniform(deviation))
    this.#tensors.set(key, tensor)
    return tensor
  }
}

/** For values of this deviation, of integers of 32 bits that are equally likely. */
function uniform(deviation: number): number {
  return (deviation * Math.sqrt(3)) / 2 ** 31
}
