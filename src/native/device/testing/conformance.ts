import { createReferenceDevice } from '../cpu/reference/device.ts'
import type { Device } from '../device.ts'
import type { DeviceCase } from './device-case.ts'

/**
 * Runs a case on `device` and on the reference, whose activations are of the same type.
 *
 * @returns the largest error of all outputs, relative to the value or to the root mean square of the reference's,
 *   whichever is larger; infinite where a value is NaN, or is one on the reference alone.
 */
export async function errorOf(device: Device, { run }: DeviceCase, seed: number): Promise<number> {
  const expected = await run(createReferenceDevice(device.activationType), seed)
  const found = await run(device, seed)
  return Math.max(...expected.map((values, i) => relativeError(found[i]!, values)))
}

export function relativeError(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY
  let [squares, count] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(found[i]!) !== Number.isNaN(expected[i]!)) return Number.POSITIVE_INFINITY
    if (Number.isNaN(expected[i]!)) continue
    squares += expected[i]! ** 2
    count++
  }
  const usual = Math.sqrt(squares / count)
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    if (found[i] === expected[i] || Number.isNaN(expected[i]!)) continue
    const error = Math.abs(found[i]! - expected[i]!) / Math.max(usual, Math.abs(expected[i]!))
    largest = Math.max(largest, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)
  }
  return largest
}

/** Of activations in 16 bits. */
const HALVES = 1e-2

/** What {@link errorOf} may be. */
export function toleranceOf(device: Device, { tolerance }: DeviceCase): number {
  return device.activationType === 'f32' ? tolerance : Math.max(tolerance, HALVES)
}
