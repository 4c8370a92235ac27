/**
 * Chance that can be had again: the same seeds give the same numbers on every machine.
 *
 * xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021), its state filled from the
 * seeds by the finaliser of MurmurHash3. Not for secrets.
 *
 * @example
 * const random = new Random(7)
 * random.next() // 0 ≤ x < 1
 */
export class Random {
  readonly #state = new Int32Array(4)

  /** Of each pair of seeds a sequence of its own: `stream` tells apart what shares a seed. Whole numbers, of 53 bits. */
  constructor(seed: number, stream = 0) {
    let hash = mixed(0x9e3779b9, seed | 0)
    hash = mixed(hash, Math.floor(seed / 2 ** 32))
    hash = mixed(hash, stream | 0)
    hash = mixed(hash, Math.floor(stream / 2 ** 32))
    for (let i = 0; i < 4; i++) this.#state[i] = hash = mixed(hash, i + 1)
    // A state of all zeros would stay so for ever.
    this.#state[0]! |= 1
  }

  /** Uniform in [0, 1), of 53 bits. */
  next(): number {
    return ((this.#bits() >>> 5) * 0x4000000 + (this.#bits() >>> 6)) / 2 ** 53
  }

  /** Uniform among 0…n − 1, of n up to 2^32. */
  int(n: number): number {
    return Math.floor(this.next() * n)
  }

  exponential(mean: number): number {
    return -mean * Math.log1p(-this.next())
  }

  /** By Box and Muller. */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log1p(-this.next()))
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next())
  }

  /**
   * Of mean `shape · scale`. Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", 2000; below a shape
   * of 1 by their note on it.
   */
  gamma(shape: number, scale: number): number {
    if (shape < 1) return this.gamma(shape + 1, scale) * (1 - this.next()) ** (1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = this.normal()
      const v = (1 + c * x) ** 3
      if (v > 0 && Math.log(1 - this.next()) < x * x * 0.5 + d * (1 - v + Math.log(v))) return d * v * scale
    }
  }

  /** In place, by Fisher and Yates. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const item = items[i]!
      items[i] = items[j]!
      items[j] = item
    }
    return items
  }

  #bits(): number {
    const state = this.#state
    const [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!]
    const scrambled = Math.imul(rotated(Math.imul(b, 5), 7), 9)
    const e = c ^ a
    const f = d ^ b
    state[1] = b ^ e
    state[0] = a ^ f
    state[2] = e ^ (b << 9)
    state[3] = rotated(f, 11)
    return scrambled
  }
}

function rotated(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by))
}

function mixed(hash: number, value: number): number {
  let x = (hash ^ Math.imul(value, 0x9e3779b1)) + 0x6d2b79f5
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
