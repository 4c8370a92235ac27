import { UnsupportedError } from '../../../../engine/index.ts'
import type { Weight, WeightStorage } from '../../device.ts'
import type { Arena } from './arena.ts'

/** The numbers by which the kernels know them. */
const STORAGE_NUMBERS = { f32: 0, bf16: 1, int8: 2 } as const

/** Rows one after the other; int8 rows are filled up with zeros to a multiple of 16 bytes, their scales lie apart. */
export class SimdWeight implements Weight {
  readonly shape: readonly [number, number]
  readonly at: number
  /** Address of the scales `[out]` of int8 rows, else 0. */
  readonly scales: number
  /** Bytes from row to row. */
  readonly stride: number
  readonly storageNumber: number

  constructor(
    readonly arena: Arena,
    out: number,
    inner: number,
    readonly storage: WeightStorage,
  ) {
    if (storage === 'f16' || storage === 'fp8') {
      throw new UnsupportedError(`the CPU device keeps weights as f32, bf16 or int8, not ${storage}`)
    }
    this.shape = [out, inner]
    this.storageNumber = STORAGE_NUMBERS[storage]
    this.stride = storage === 'int8' ? paddedTo16(inner) : inner * (storage === 'bf16' ? 2 : 4)
    this.at = arena.take(out * this.stride, 'weights')
    this.scales = storage === 'int8' ? arena.take(out * 4, 'weights') : 0
  }
}

export function paddedTo16(inner: number): number {
  return Math.ceil(inner / 16) * 16
}
