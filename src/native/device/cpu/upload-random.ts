import type { Device, Tensor, Weight } from '../device.ts'
import { randomValues } from '../random-values.ts'

/** Floats that are made at a time: 4 MiB. */
const CHUNK = 1 << 20

/** {@link Device.uploadRandom} where the host makes the values. */
export function uploadRandom(
  device: Pick<Device, 'upload' | 'uploadWeight'>,
  to: Weight | Tensor,
  first: number,
  count: number,
  key: number,
  scale: number,
): void {
  const inner = 'storage' in to ? to.shape[1] : 1
  if (first % inner !== 0 || count % inner !== 0) {
    throw new RangeError(`${count} values from ${first} on are no whole rows of ${inner}`)
  }
  const piece = Math.max(1, Math.floor(CHUNK / inner)) * inner
  const room = new Float32Array(Math.min(piece, count))
  for (let at = 0; at < count; at += piece) {
    const values = room.subarray(0, Math.min(piece, count - at))
    randomValues(values, at, key, scale)
    if ('storage' in to) device.uploadWeight(to, (first + at) / inner, values)
    else device.upload(to, values, first + at)
  }
}
