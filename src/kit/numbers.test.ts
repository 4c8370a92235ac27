import { describe, expect, it, test } from 'vitest'
import { FORMATS, roundEven } from './numbers.ts'

describe.each([
  ['f16', 0x1_0000],
  ['bf16', 0x1_0000],
  ['fp8', 0x100],
] as const)('%s', (type, count) => {
  const { encode, decode } = FORMATS[type]

  it('every number is its own nearest', () => {
    for (let bits = 0; bits < count; bits++) {
      if (!Number.isNaN(decode(bits))) expect(encode(decode(bits))).toBe(bits)
    }
  })

  it('halfway between two numbers is the even one', () => {
    for (let bits = 0; bits + 1 < count / 2; bits++) {
      const [low, high] = [decode(bits), decode(bits + 1)]
      if (!Number.isFinite(low) || !Number.isFinite(high)) continue
      expect(encode((low + high) / 2)).toBe(bits % 2 === 0 ? bits : bits + 1)
    }
  })
})

test('known numbers', () => {
  expect(FORMATS.f16.decode(0x3c00)).toBe(1)
  expect(FORMATS.f16.decode(0x0001)).toBe(2 ** -24)
  expect(FORMATS.f16.encode(1e6)).toBe(0x7c00)
  expect(FORMATS.bf16.encode(Math.PI)).toBe(0x4049)
  expect(FORMATS.fp8.decode(0x7e)).toBe(448)
  expect(FORMATS.fp8.encode(-1e9)).toBe(0xfe)
  expect(FORMATS.fp8.decode(0x7f)).toBeNaN()
})

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [-0.5, 0],
  [-1.5, -2],
  [-2.5, -2],
  [2.4, 2],
])('%d rounds to %d', (value, rounded) => {
  expect(roundEven(value) + 0).toBe(rounded)
})
