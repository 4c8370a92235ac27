import type { Device, ElementType, WeightStorage } from '../device.ts'

/**
 * One operation at one shape. What it returns on a device is compared with what it returns on the reference device,
 * for the same seed; values that the operation must not touch are NaN on both.
 */
export interface DeviceCase {
  readonly name: string
  /** Largest error of a value, relative to it or to the root mean square of all of them, whichever is larger. */
  readonly tolerance: number
  /** Run only on devices whose {@link Device.types} hold it. */
  readonly needs?: ElementType | WeightStorage
  run(device: Device, seed: number): Float32Array[] | Promise<Float32Array[]>
}

/** Rounding of floats, summed in whatever order. */
export const FLOAT = 1e-5
/** That of activations to 16 bits too. */
export const INT8 = 2e-4
/** One value in the last place: where sums differ by a float's rounding, their nearest neighbours may differ by that. */
export const ULP = { f32: FLOAT, bf16: 2 ** -7, f16: 2 ** -10, fp8: 2 ** -3 } as const

export const STORAGES = ['f32', 'bf16', 'f16', 'int8', 'fp8'] as const satisfies readonly WeightStorage[]
