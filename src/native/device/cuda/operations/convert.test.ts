import { afterAll, describe, expect, it } from 'vitest'
import { packBf16, roundToBf16, unpackBf16 } from '../../cpu/bf16.ts'
import { packF16, roundToF16, unpackF16 } from '../../cpu/f16.ts'
import { packFp8, quantiseRowToFp8, unpackFp8 } from '../../cpu/fp8.ts'
import { quantiseRow } from '../../cpu/int8.ts'
import { randomValues } from '../../random-values.ts'
import { CudaWeight } from '../tensor.ts'
import { testCard } from '../testing/test-card.ts'
import { TestTools } from '../testing/test-tools.ts'
import { convert, dequantise, quantise, restore } from './convert.ts'

const card = testCard()

const TYPES = {
  bf16: { Bits: Uint16Array, pack: packBf16, unpack: unpackBf16, values: 2 ** 16 },
  f16: { Bits: Uint16Array, pack: packF16, unpack: unpackF16, values: 2 ** 16 },
  fp8: { Bits: Uint8Array, pack: packFp8, unpack: unpackFp8, values: 2 ** 8 },
} as const

type Packed = { pack(to: Uint8Array | Uint16Array, at: number, values: Float32Array): void }
type Unpacked = { unpack(bits: Uint8Array | Uint16Array): Float32Array }

/** What a row of a weight becomes: its bytes and its scale. */
function quantised(storage: 'int8' | 'fp8', row: Float32Array): { q: number[]; scale: number } {
  if (storage === 'int8') {
    const q = new Int8Array(row.length)
    const scale = quantiseRow(q, row)
    return { q: [...new Uint8Array(q.buffer)], scale }
  }
  const values = row.slice()
  const scale = quantiseRowToFp8(values)
  const q = new Uint8Array(row.length)
  packFp8(q, 0, values)
  return { q: [...q], scale }
}

/** Rows of every kind: usual, zeros, next to nothing, all alike, at the float's end. */
function rowsOf(count: number, inner: number): Float32Array[] {
  return Array.from({ length: count }, (_, r) => {
    const row = new Float32Array(inner)
    randomValues(row, 0, r, 2 ** -31)
    if (r === 1) row.fill(0)
    if (r === 2) for (let k = 0; k < inner; k++) row[k] = row[k]! * 1e-38
    if (r === 3) row.fill(-0.3)
    if (r === 4) row[inner - 1] = 3.4e38
    return row
  })
}

describe.skipIf(card === undefined)(`conversions on ${card?.name ?? 'no GPU'}`, () => {
  if (card === undefined) return
  const test = new TestTools()
  afterAll(() => test[Symbol.dispose]())

  it.each(['bf16', 'f16', 'fp8'] as const)('rounds floats to %s as the host does', type => {
    const { Bits, values: count, pack, unpack } = TYPES[type] as (typeof TYPES)['bf16'] & Packed & Unpacked
    // Every value there is, halfway to its neighbour, a float's step to either side, and floats of any bits.
    const every = unpack(Bits.from({ length: count / 2 }, (_, i) => i))
    const halves = every.map((value, i) => (value + (every[i + 1] ?? value)) / 2)
    const any = new Float32Array(4001)
    randomValues(any, 0, 5, 1)
    const bits = new Int32Array(any.buffer)
    for (let i = 0; i < any.length; i++) bits[i] = any[i]!
    const beside = [1 - 2 ** -23, 1 + 2 ** -23].flatMap(factor => [...halves].map(value => value * factor))
    const positive = [...every, ...halves, ...beside, 1e38, Number.POSITIVE_INFINITY, 1e-42]
    const values = Float32Array.from([...positive, ...positive.map(value => -value), ...any])

    const expected = new Bits(values.length)
    pack(expected, 0, values)
    const to = test.poisoned((values.length + 1) * Bits.BYTES_PER_ELEMENT)
    test.run(convert(test.tools(), { to, type, from: test.filled(values), count: values.length }))
    const found = test.read(new Bits(values.length + 1), to)
    const isNumber = (_: number, i: number) => !Number.isNaN(values[i]!)
    expect(found[values.length]).toBe(count - 1)
    expect(
      unpack(found.subarray(0, -1))
        .filter((_, i) => Number.isNaN(values[i]!))
        .every(Number.isNaN),
    ).toBe(true)
    const wrong = [...expected.keys()].filter(i => isNumber(0, i) && found[i] !== expected[i])
    expect(wrong.map(i => [values[i], found[i], expected[i]])).toEqual([])
  })

  it.each(['bf16', 'f16', 'fp8'] as const)('gives every %s back as a float', type => {
    const { Bits, values: count, unpack } = TYPES[type] as (typeof TYPES)['bf16'] & Unpacked
    const bits = Bits.from({ length: count }, (_, i) => i)
    const to = test.poisoned(count * 4)
    test.run(restore(test.tools(), { to, from: test.filled(bits), type, count }))
    expect(test.read(new Float32Array(count), to)).toEqual(unpack(bits))
  })

  it.each([1, 2, 4, 7])('starts anywhere: value %i', first => {
    const values = Float32Array.from({ length: 300 }, (_, i) => i)
    const to = test.poisoned(400 * 2)
    test.run(convert(test.tools(), { to: to + 2 * first, type: 'bf16', from: test.filled(values), count: 300 }))
    const floats = test.poisoned(400 * 4)
    test.run(restore(test.tools(), { to: floats, from: to + 2 * first, type: 'bf16', count: 300 }))
    const rounded = values.slice()
    roundToBf16(rounded)
    expect(test.read(new Float32Array(300), floats)).toEqual(rounded)
    const around = unpackBf16(test.read(new Uint16Array(400), to))
    expect([around[first - 1], around[first], around[first + 300]]).toEqual([Number.NaN, 0, Number.NaN])
  })

  describe.each(['int8', 'fp8'] as const)('%s rows', storage => {
    it.each([1, 7, 24, 64, 4096])('of %i are the bytes and scales that the host makes', inner => {
      const rows = rowsOf(6, inner)
      const weight = new CudaWeight(test, [9, inner], storage, test.poisoned(9 * inner), test.poisoned(9 * 4))
      const from = test.filled(Float32Array.from(rows.flatMap(row => [...row])))
      test.run(quantise(test.tools(), { weight, firstRow: 2, rows: 6, from }))
      const expected = rows.map(row => quantised(storage, row))
      const bytes = [...test.read(new Uint8Array(9 * inner), weight.pointer)]
      const scales = test.read(new Float32Array(9), weight.scales)
      expect([...scales.subarray(2, 8)]).toEqual(expected.map(({ scale }) => scale))
      expect(bytes.slice(2 * inner, 8 * inner)).toEqual(expected.flatMap(({ q }) => q))
      expect([scales[1], scales[8], bytes[2 * inner - 1], bytes[8 * inner]]).toEqual([Number.NaN, Number.NaN, 255, 255])
    })

    it.each(['f32', 'bf16', 'f16'] as const)('become %s again', type => {
      for (const inner of [1, 36, 176, 4096]) {
        const rows = rowsOf(4, inner)
        const made = rows.map(row => quantised(storage, row))
        const bytes = Uint8Array.from(made.flatMap(({ q }) => q))
        const scales = test.filled(Float32Array.from(made, ({ scale }) => scale))
        const weight = new CudaWeight(test, [4, inner], storage, test.filled(bytes), scales)
        const signed = storage === 'int8' ? Float32Array.from(new Int8Array(bytes.buffer)) : unpackFp8(bytes)
        const expected = signed.map((q, i) => q * made[Math.floor(i / inner)]!.scale)
        if (type === 'bf16') roundToBf16(expected)
        if (type === 'f16') roundToF16(expected)
        const size = type === 'f32' ? 4 : 2
        const to = test.poisoned(4 * inner * size)
        // All, and then its end over again, from the third row on.
        test.run(
          dequantise(test.tools(), { to, type, weight }),
          dequantise(test.tools(), { to: to + 2 * inner * size, type, weight, firstRow: 2, rows: 2 }),
        )
        const floats = test.poisoned(4 * inner * 4)
        test.run(restore(test.tools(), { to: floats, from: to, type, count: 4 * inner }))
        expect(test.read(new Float32Array(4 * inner), floats)).toEqual(expected)
      }
    })
  })
})
