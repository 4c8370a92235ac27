import { expect, it } from 'vitest'
import { mix, randomValues } from '../random-values.ts'
import { createReferenceDevice } from './reference/device.ts'
import type { ReferenceWeight } from './reference/memory.ts'
import { createCpuDevice } from './simd/device.ts'

it('makes the values that its comment promises', () => {
  // By the formula in Python.
  expect([0, 1, 42, -1, 0x1_0000_0001].map(mix)).toEqual([0, 1364076727, 142593372, -2114883783, 1364076727])
  const values = new Float32Array(3)
  randomValues(values, 41, 1, 2 ** -31)
  expect(values[0]).toBe(Math.fround(142593372 / 2 ** 31))
})

it.each(['f32', 'bf16', 'int8'] as const)('is an upload of the same values, of %s rows', async storage => {
  const [width, inner] = [2100, 1001]
  const values = new Float32Array((width - 3) * inner)
  randomValues(values, 0, -77, 1e-11)
  const device = createReferenceDevice()
  const [made, uploaded] = [1, 2].map(() => device.allocateWeight(width, inner, storage) as ReferenceWeight)
  device.uploadRandom(made!, 2 * inner, values.length, -77, 1e-11)
  device.uploadWeight(uploaded!, 2, values)
  expect(Buffer.from(made!.values.buffer).equals(Buffer.from(uploaded!.values.buffer))).toBe(true)
})

it.each([
  ['reference', createReferenceDevice],
  ['SIMD', () => createCpuDevice({ threads: 1 })],
] as const)('fills a tensor in pieces, and no more of it: %s', async (_, create) => {
  await using device = await create()
  const count = 2 ** 20 + 5
  const tensor = device.allocate([count + 4], 'f32', 'weights')
  device.uploadRandom(tensor, 2, count, 9, 1e-10)
  const expected = new Float32Array(count)
  randomValues(expected, 0, 9, 1e-10)
  const found = device.download(tensor)
  expect([found[0], found[1], found[count + 2], found[count + 3]]).toEqual([0, 0, 0, 0])
  expect(Buffer.from(found.slice(2, count + 2).buffer).equals(Buffer.from(expected.buffer))).toBe(true)
})

it('refuses pieces of rows', () => {
  const device = createReferenceDevice()
  expect(() => device.uploadRandom(device.allocateWeight(3, 4, 'int8'), 2, 4, 1, 1)).toThrowErrorMatchingInlineSnapshot(
    `[RangeError: 4 values from 2 on are no whole rows of 4]`,
  )
})
