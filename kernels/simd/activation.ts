import { argument, launch, setArgument } from './job'
import { Operation } from './operations'
import { exp4, multiplyAdd } from './vector'

/** The numbers that the host passes. */
export const enum Activation {
  Silu,
  GeluTanh,
}

/**
 * `out[r, i] = f(gateUp[r, i]) · gateUp[r, width + i]`
 *
 * @param out - `[rows, width]`
 * @param gateUp - `[rows, 2·width]`
 */
export function gatedActivation(out: usize, gateUp: usize, rows: i32, width: i32, activation: i32): void {
  setArgument<usize>(0, out)
  setArgument<usize>(1, gateUp)
  setArgument<i32>(2, width)
  setArgument<i32>(3, activation)
  // An exponential and a division take as long as some hundred multiply-adds.
  launch(Operation.Activation, rows, <i64>width * 100, 1)
}

export function activationPart(from: i32, to: i32): void {
  const bytes = argument<usize>(2) << 2
  const silu = argument<i32>(3) == Activation.Silu
  for (let r = from; r < to; r++) {
    const out = argument<usize>(0) + <usize>r * bytes
    const gate = argument<usize>(1) + <usize>r * (bytes << 1)
    const up = gate + bytes
    let at: usize = 0
    if (silu) for (; at + 16 <= bytes; at += 16) store4(out + at, silu4(v128.load(gate + at)), up + at)
    else for (; at + 16 <= bytes; at += 16) store4(out + at, gelu4(v128.load(gate + at)), up + at)
    for (; at < bytes; at += 4) {
      const x = v128.load32_zero(gate + at)
      const f = f32x4.extract_lane(silu ? silu4(x) : gelu4(x), 0)
      store<f32>(out + at, f * load<f32>(up + at))
    }
  }
}

// @ts-ignore: decorator
@inline
function store4(out: usize, gated: v128, up: usize): void {
  v128.store(out, f32x4.mul(gated, v128.load(up)))
}

/** `x · σ(x)` */
// @ts-ignore: decorator
@inline
function silu4(x: v128): v128 {
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))))
}

/** `½x · (1 + tanh u) = x · σ(2u)` with `u = √(2/π) · (x + 0.044715 x³)` */
// @ts-ignore: decorator
@inline
function gelu4(x: v128): v128 {
  const cubic = multiplyAdd(f32x4.splat(1), f32x4.splat(0.044715), f32x4.mul(x, x))
  const twice = f32x4.mul(f32x4.mul(x, cubic), f32x4.splat(-1.5957691216057308))
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exp4(twice)))
}
