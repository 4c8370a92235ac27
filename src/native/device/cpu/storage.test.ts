import { expect, it } from 'vitest'
import { Inputs } from '../testing/case-inputs.ts'
import { packBf16, roundToBf16, unpackBf16 } from './bf16.ts'
import { quantiseRow } from './int8.ts'
import { createCpuDevice } from './simd/device.ts'

it('rounds to the nearest bfloat16, ties to even', () => {
  const values = Float32Array.of(1, -1.0039, 1.00390625, 1.01171875, 3.4e38, -0, Number.NaN, Number.NEGATIVE_INFINITY)
  const packed = new Uint16Array(values.length + 1)
  packBf16(packed, 1, values)
  const expected = [1, -1, 1, 1.015625, Number.POSITIVE_INFINITY, -0, Number.NaN, Number.NEGATIVE_INFINITY]
  expect([...unpackBf16(packed.subarray(1))]).toEqual(expected)
  roundToBf16(values.subarray(2))
  expect([...values.subarray(2)]).toEqual(expected.slice(2))
  expect(values[1]).toBe(Math.fround(-1.0039))
})

it.each([
  { row: [1, -2, 0.5, 127], q: [1, -2, 0, 127], scale: 1 },
  { row: [-3, 1.5, 0], q: [-127, 64, 0], scale: Math.fround(3 / 127) },
  { row: [0, 0], q: [0, 0], scale: 0 },
  { row: [1e-40, -1e-41], q: [0, 0], scale: 0 },
  { row: [3.4e38, -3.4e38], q: [127, -127], scale: Math.fround(3.4e38 / 127) },
])('quantises $row to $q', ({ row, q, scale }) => {
  const quantised = new Int8Array(row.length).fill(9)
  expect(quantiseRow(quantised, Float32Array.from(row))).toBe(scale)
  expect([...quantised]).toEqual(q)
})

it.each([
  { storage: 'bf16', limit: 2e-3 },
  { storage: 'int8', limit: 1e-2 },
] as const)('$storage changes a linear by less than $limit of its size', async ({ storage, limit }) => {
  await using device = await createCpuDevice({ threads: 1 })
  const inputs = new Inputs(device, 3)
  const [width, inner] = [512, 2048]
  const values = inputs.normal(width * inner)
  const x = inputs.filled([1, inner])
  const [exact, rounded] = (['f32', storage] as const).map(kind => {
    const weight = device.allocateWeight(width, inner, kind)
    device.uploadWeight(weight, 0, values)
    const out = inputs.poisoned([1, width])
    device.linear(out, x, weight, 1)
    return device.download(out, width)
  })
  const squares = (of: (n: number) => number) => exact!.reduce((sum, _, n) => sum + of(n) ** 2, 0)
  expect(Math.sqrt(squares(n => rounded![n]! - exact![n]!) / squares(n => exact![n]!))).toBeLessThan(limit)
})
