/** Mixes up to three integers into 32 bits; each changes about half of them (MurmurHash3's constants, public domain). */
export function hash(a: number, b?: number, c?: number): number {
  let h = take(0x9e3779b9, a)
  if (b !== undefined) h = take(h, b)
  if (c !== undefined) h = take(h, c)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function take(h: number, value: number): number {
  return mix(mix(h, value | 0), Math.floor(value / 2 ** 32))
}

/** Takes 32 bits of `value` into a running hash. */
export function mix(h: number, value: number): number {
  const k = Math.imul(value, 0xcc9e2d51)
  const x = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0
}
