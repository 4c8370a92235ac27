/** `rounds` steps of the generator in kernels/kit/lcg.cuh. */
export function lcg(x: number, rounds: number): number {
  let state = x | 0
  for (let i = 0; i < rounds; i++) state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
  return state >>> 0
}
