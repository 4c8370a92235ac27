/**
 * Values that anybody can make again, anywhere and from any place on: value i of a key is
 * `float32(mix(key + i) · scale)`, with `mix` MurmurHash3's finaliser of 32 bits, its result taken as a signed integer,
 * and the product in double precision.
 *
 * With tensors of integers (torch, for another program that is to have the same weights):
 *
 *     M = 0xffffffff
 *     h = (key + torch.arange(first, first + count)) & M            # int64
 *     h = ((h ^ (h >> 16)) * 0x85ebca6b) & M
 *     h = ((h ^ (h >> 13)) * 0xc2b2ae35) & M
 *     h = h ^ (h >> 16)
 *     values = (torch.where(h >= 1 << 31, h - (1 << 32), h).double() * scale).float()
 *
 * (int64 products wrap, which leaves their lower 32 bits as they should be.)
 *
 * @param into - becomes values `first … first + into.length − 1`
 * @param key - 32 bits, signed or not
 */
export function randomValues(into: Float32Array, first: number, key: number, scale: number): void {
  for (let i = 0; i < into.length; i++) into[i] = mix(key + first + i) * scale
}

/** MurmurHash3's finaliser: 32 bits, all of which depend on all of the input's. As a signed integer. */
export function mix(x: number): number {
  let h = x | 0
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return h ^ (h >>> 16)
}
