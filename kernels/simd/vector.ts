// Four floats at a time.

/** Four values of type W (`u16`: bfloat16) as floats. */
// @ts-ignore: decorator
@inline
export function load4<W>(at: usize, offset: usize = 0): v128 {
  if (sizeof<W>() == 4) return v128.load(at + offset)
  return i32x4.shl(v128.load_ext<u16>(at + offset), 16)
}

/** One value of type W as a float. */
// @ts-ignore: decorator
@inline
export function load1<W>(at: usize): f32 {
  if (sizeof<W>() == 4) return load<f32>(at)
  return reinterpret<f32>(<u32>load<u16>(at) << 16)
}

// @ts-ignore: decorator
@inline
export function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b))
}

/** (l0 + l2) + (l1 + l3) */
// @ts-ignore: decorator
@inline
export function sum4(v: v128): f32 {
  const pair = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1)
}

/** The four sums of {@link sum4}, as one vector and with the same bits. */
// @ts-ignore: decorator
@inline
export function sum4x4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

// @ts-ignore: decorator
@inline
export function max4(v: v128): f32 {
  const pair = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1))
  return max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1))
}

/**
 * eˣ to about 1e-7, relative (Cephes' expf: x = n·ln 2 + r, a polynomial of degree 6 in r); 0 below −87.3, and no
 * larger than e^88.3.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const within = f32x4.max(f32x4.min(x, f32x4.splat(88.3762626647949)), f32x4.splat(-87.3365447504019))
  const n = f32x4.nearest(f32x4.mul(within, f32x4.splat(1.44269504088896341)))
  // ln 2 in two parts: n times the first is exact.
  let r = f32x4.sub(within, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
  let p = f32x4.splat(1.9875691500e-4)
  p = multiplyAdd(f32x4.splat(1.3981999507e-3), p, r)
  p = multiplyAdd(f32x4.splat(8.3334519073e-3), p, r)
  p = multiplyAdd(f32x4.splat(4.1665795894e-2), p, r)
  p = multiplyAdd(f32x4.splat(1.6666665459e-1), p, r)
  p = multiplyAdd(f32x4.splat(5.0000001201e-1), p, r)
  p = f32x4.add(multiplyAdd(r, p, f32x4.mul(r, r)), f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, f32x4.splat(-87.3365447504019)))
}
