import { createReferenceDevice } from '../cpu/reference/device.ts'
import type { Device } from '../device.ts'
import type { DeviceCase } from './cases.ts'

/**
 * Runs a case on `device` and on the reference, whose activations are of the same type.
 *
 * @returns the largest error relative to the root mean square of the reference's values, of all outputs; infinite
 *   where a value is NaN, or is one on the reference alone.
 */
export function errorOf(device: Device, { run }: DeviceCase, seed: number): number {
  const expected = run(createReferenceDevice(device.activationType), seed)
  const found = run(device, seed)
  return Math.max(...expected.map((values, i) => relativeError(found[i]!, values)))
}

export function relativeError(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY
  let [squares, count, largest] = [0, 0, 0]
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(found[i]!) !== Number.isNaN(expected[i]!)) return Number.POSITIVE_INFINITY
    if (Number.isNaN(expected[i]!)) continue
    squares += expected[i]! ** 2
    count++
    largest = Math.max(largest, Math.abs(found[i]! - expected[i]!))
  }
  return largest === 0 ? 0 : largest / Math.sqrt(squares / count)
}

/** Of activations in 16 bits. */
const HALVES = 1e-2

/** What {@link errorOf} may be. */
export function toleranceOf(device: Device, { tolerance }: DeviceCase): number {
  return device.activationType === 'f32' ? tolerance : Math.max(tolerance, HALVES)
}
