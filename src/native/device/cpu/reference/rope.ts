/**
 * Rotary position embedding (Su et al. 2021) of one head, in place, on the pairs `(i, i + headDim/2)`:
 *
 *     x[i]        ← x[i] · cos − x[i + half] · sin
 *     x[i + half] ← x[i + half] · cos + x[i] · sin
 *
 * @param x - the head's `headDim` values start at `at`
 * @param cos - `[positions, headDim/2]`, like `sin`
 */
export function rotate(
  x: Float32Array,
  at: number,
  headDim: number,
  cos: Float32Array,
  sin: Float32Array,
  position: number,
): void {
  const half = headDim / 2
  for (let i = 0; i < half; i++) {
    const c = cos[position * half + i]!
    const s = sin[position * half + i]!
    const first = x[at + i]!
    const second = x[at + half + i]!
    x[at + i] = first * c - second * s
    x[at + half + i] = second * c + first * s
  }
}
