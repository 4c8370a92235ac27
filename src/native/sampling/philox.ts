/**
 * Philox4x32-10: a random function without state, of a 128-bit counter and a 64-bit key.
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export type Philox = readonly [number, number, number, number]

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const low = aLow * bLow
  const middle1 = aHigh * bLow + (low >>> 16)
  const middle2 = aLow * bHigh + (middle1 % 0x10000)
  return (aHigh * bHigh + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000)) >>> 0
}

/** Four unsigned 32-bit numbers for `counter` (four words, least significant first) under `key` (two words). */
export function philox(counter: Philox, key: readonly [number, number]): Philox {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0)
    const high1 = mulHigh(M1, c2)
    const low0 = Math.imul(M0, c0) >>> 0
    const low1 = Math.imul(M1, c2) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  return [c0, c1, c2, c3]
}

/** A number in [0, 1) with 53 random bits: the draw for the token at `position` of the sequence that owns `key`. */
export function uniform(key: bigint, position: number): number {
  const keyWords = [Number(key & 0xffffffffn), Number((key >> 32n) & 0xffffffffn)] as const
  const [a, b] = philox([position >>> 0, Math.floor(position / 2 ** 32), 0, 0], keyWords)
  return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53
}

/** The key of answer `choice` to a request with this `seed`: different for each pair. */
export function sequenceKey(seed: number, choice: number): bigint {
  const [a, b] = philox([seed >>> 0, Math.floor(seed / 2 ** 32), choice, 0], [0x77617270, 0x6c696e65])
  return (BigInt(b) << 32n) | BigInt(a)
}
