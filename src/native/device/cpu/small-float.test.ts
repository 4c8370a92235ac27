import { expect, it } from 'vitest'
import { packF16, roundToF16, unpackF16 } from './f16.ts'
import { packFp8, quantiseRowToFp8, roundToFp8, unpackFp8 } from './fp8.ts'

const rounded = (round: (values: Float32Array) => void, values: readonly number[]) => {
  const floats = Float32Array.from(values)
  round(floats)
  return [...floats]
}

it('takes every f16 apart and puts it together again', () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i)
  const floats = unpackF16(bits)
  const again = new Uint16Array(bits.length)
  packF16(again, 0, floats)
  const notNumbers = bits.filter((_, i) => Number.isNaN(floats[i]!))
  expect(notNumbers).toHaveLength(2 * 1023)
  expect([...again.filter((_, i) => !Number.isNaN(floats[i]!))]).toEqual([
    ...bits.filter((_, i) => !Number.isNaN(floats[i]!)),
  ])
  expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555].map(i => floats[i])).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    2 ** -14,
    0.333251953125,
  ])
})

it('takes every fp8 apart and puts it together again', () => {
  const bits = Uint8Array.from({ length: 256 }, (_, i) => i)
  const floats = unpackFp8(bits)
  const again = new Uint8Array(256)
  packFp8(again, 0, floats)
  expect([0x7f, 0xff].map(i => floats[i])).toEqual([Number.NaN, Number.NaN])
  expect([...again].filter((_, i) => (i & 0x7f) !== 0x7f)).toEqual([...bits].filter(i => (i & 0x7f) !== 0x7f))
  expect([0x38, 0xb8, 0x7e, 0x01, 0x08, 0x39].map(i => floats[i])).toEqual([1, -1, 448, 2 ** -9, 2 ** -6, 1.125])
})

it.each([
  { name: 'f16', round: roundToF16, unpack: () => unpackF16(Uint16Array.from({ length: 0x7c00 }, (_, i) => i)) },
  { name: 'fp8', round: roundToFp8, unpack: () => unpackFp8(Uint8Array.from({ length: 0x7f }, (_, i) => i)) },
])('rounds to the nearest $name, halfway to the even one', ({ round, unpack }) => {
  const values = unpack()
  for (let i = 0; i + 1 < values.length; i++) {
    const [low, high] = [values[i]!, values[i + 1]!]
    const half = (low + high) / 2
    // A float's step to either side of halfway.
    const [less, more] = [half * (1 - 2 ** -22), half * (1 + 2 ** -22)]
    const expected = [low, i % 2 === 0 ? low : high, high, low, high]
    expect(rounded(round, [less, half, more, low, high])).toEqual(expected)
    expect(rounded(round, [-less, -half, -more])).toEqual(expected.slice(0, 3).map(value => -value))
  }
})

it('keeps what is no number, the sign of nothing, and what is beyond the type', () => {
  const values = [Number.NaN, -0, 1e-30, -1e-30, 65519.99, 65520, -1e38, Number.POSITIVE_INFINITY]
  const infinite = Number.POSITIVE_INFINITY
  expect(rounded(roundToF16, values)).toEqual([Number.NaN, -0, 0, -0, 65504, infinite, -infinite, infinite])
  expect(rounded(roundToFp8, values)).toEqual([Number.NaN, -0, 0, -0, 448, 448, -448, 448])
  expect(rounded(roundToFp8, [448, 463, 464, 1e4, 2 ** -10, 1.1 * 2 ** -10])).toEqual([448, 448, 448, 448, 0, 2 ** -9])
})

it.each([
  { row: [1, -448, 0.4], q: [1, -448, 0.40625], scale: 1 },
  { row: [-2, 0.01, 0], q: [-448, 2.25, 0], scale: Math.fround(2 / 448) },
  { row: [0, 0], q: [0, 0], scale: 0 },
  { row: [1e-36, -1e-37], q: [0, 0], scale: 0 },
  { row: [3.4e38, -3.4e38], q: [448, -448], scale: Math.fround(3.4e38 / 448) },
])('quantises $row to $q', ({ row, q, scale }) => {
  const values = Float32Array.from(row)
  expect(quantiseRowToFp8(values)).toBe(scale)
  expect([...values]).toEqual(q)
})
