import { afterAll, describe, expect, it } from 'vitest'
import { randomValues } from '../../random-values.ts'
import { CudaTensor, CudaWeight, ELEMENT_BYTES } from '../tensor.ts'
import { testCard } from '../testing/test-card.ts'
import { TestTools } from '../testing/test-tools.ts'
import { convert, quantise } from './convert.ts'
import { fillRandom } from './random.ts'

const card = testCard()

describe.skipIf(card === undefined)(`random weights on ${card?.name ?? 'no GPU'}`, () => {
  if (card === undefined) return
  const test = new TestTools()
  afterAll(() => test[Symbol.dispose]())

  it.each(['f32', 'bf16', 'f16', 'int8', 'fp8'] as const)('are, in %s, those of the host, uploaded', storage => {
    for (const inner of [1, 37, 48, 2048]) {
      const [rows, firstRow, key, scale] = [5, 2, -123_456_789, 1.6e-11]
      const values = new Float32Array(rows * inner)
      randomValues(values, 0, key, scale)
      const from = test.filled(values)
      const size = ELEMENT_BYTES[storage]
      const [made, uploaded] = [1, 2].map(() => {
        return new CudaWeight(test, [8, inner], storage, test.poisoned(8 * inner * size), scalesFor(storage))
      })
      test.run(fillRandom(test.tools(), { to: made!, first: firstRow * inner, count: values.length, key, scale }))
      const to = uploaded!.pointer + firstRow * inner * size
      test.run(
        storage === 'int8' || storage === 'fp8'
          ? quantise(test.tools(), { weight: uploaded!, firstRow, rows, from })
          : convert(test.tools(), { to, type: storage, from, count: values.length }),
      )
      const bytes = (weight: CudaWeight) => test.read(new Uint8Array(8 * inner * size), weight.pointer)
      expect(bytes(made!)).toEqual(bytes(uploaded!))
      if (made!.scales === 0) continue
      const scales = (weight: CudaWeight) => test.read(new Float32Array(8), weight.scales)
      expect(scales(made!)).toEqual(scales(uploaded!))
    }
  })

  it('fill a tensor from any element on, and no more of it', () => {
    const to = new CudaTensor(test, [100], 'f32', 'weights', test.poisoned(400))
    test.run(fillRandom(test.tools(), { to, first: 3, count: 90, key: 7, scale: 1e-9 }))
    const expected = new Float32Array(100).fill(Number.NaN)
    randomValues(expected.subarray(3, 93), 0, 7, 1e-9)
    expect(test.read(new Float32Array(100), to.pointer)).toEqual(expected)
  })

  it('refuse pieces of rows', () => {
    const to = new CudaWeight(test, [2, 4], 'int8', test.poisoned(8), test.poisoned(8))
    const request = { to, first: 2, count: 4, key: 7, scale: 1 }
    expect(() => fillRandom(test.tools(), request)).toThrow('4 values from 2 on are no whole rows of 4')
  })

  const scalesFor = (storage: string) => (storage === 'int8' || storage === 'fp8' ? test.poisoned(8 * 4) : 0)
})
