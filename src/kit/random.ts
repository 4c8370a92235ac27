/** Numbers in [0, 1), the same for the same seed: Steele et al. 2014, "Fast splittable pseudorandom number generators". */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e37_79b9) | 0
    let x = state
    x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a_2d97)
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32
  }
}
