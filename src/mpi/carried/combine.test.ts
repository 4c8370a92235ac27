import { expect, test } from 'vitest'
import type { Numbers, Operation } from '../communicator.ts'
import { combine } from './combine.ts'

test.each<[Operation, Numbers, Numbers, Numbers]>([
  // Integers wrap at their size, and are exact up to it.
  ['sum', Int32Array.of(2 ** 31 - 1), Int32Array.of(1), Int32Array.of(-(2 ** 31))],
  ['product', Int32Array.of(0x7fff_ffff), Int32Array.of(0x7fff_fffd), Int32Array.of(3)],
  ['product', Uint32Array.of(0xffff_ffff), Uint32Array.of(0xffff_fffb), Uint32Array.of(5)],
  ['product', BigInt64Array.of(2n ** 62n), BigInt64Array.of(2n), BigInt64Array.of(-(2n ** 63n))],
  ['sum', BigUint64Array.of(2n ** 64n - 1n), BigUint64Array.of(2n), BigUint64Array.of(1n)],
  ['product', Uint8Array.of(20), Uint8Array.of(20), Uint8Array.of(144)],
  // Each step is rounded to the type.
  ['sum', Float32Array.of(2 ** 24), Float32Array.of(1), Float32Array.of(2 ** 24)],
  ['min', BigInt64Array.of(-3n, 2n), BigInt64Array.of(1n, 1n), BigInt64Array.of(-3n, 1n)],
  ['max', BigUint64Array.of(2n ** 63n), BigUint64Array.of(1n), BigUint64Array.of(2n ** 63n)],
  ['min', Float64Array.of(Number.NaN, 1), Float64Array.of(1, Number.NaN), Float64Array.of(Number.NaN, Number.NaN)],
])('%s of %o and %o', (operation, into, from, result) => {
  combine(into, from, operation)
  expect(into).toEqual(result)
})
