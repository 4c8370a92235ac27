import { afterAll, describe, expect, it } from 'vitest'
import { CudaTensor, CudaWeight } from '../tensor.ts'
import { testCard } from '../testing/test-card.ts'
import { TestTools } from '../testing/test-tools.ts'
import { embed } from './embed.ts'
import { ropeAndCache } from './rope-cache.ts'

const card = testCard()

describe.skipIf(card === undefined)(`what only a step on the card has, on ${card?.name ?? 'no GPU'}`, () => {
  if (card === undefined) return
  const test = new TestTools()
  afterAll(() => test[Symbol.dispose]())
  const floats = (shape: readonly number[], values?: Float32Array) => {
    const elements = shape.reduce((product, size) => product * size, 1)
    const pointer = values === undefined ? test.poisoned(elements * 4) : test.filled(values)
    return new CudaTensor(test, shape, 'f32', 'activations', pointer)
  }
  const read = (tensor: CudaTensor) => [...test.read(new Float32Array(tensor.elements), tensor.pointer)]

  it('looks up what the step before drew, and the first row where it drew nothing', () => {
    const table = new CudaWeight(test, [4, 2], 'f32', test.filled(Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31)), 0)
    const step = {
      tokens: test.filled(Int32Array.of(-2, 1, -1, -3)),
      drawn: test.filled(Int32Array.of(-1, 3, 2)),
    }
    const out = floats([5, 2])
    test.run(embed(test.tools(step), { out, table, scale: 2, tokens: 4 }))
    expect(read(out)).toEqual([60, 62, 20, 22, 0, 2, 40, 42, Number.NaN, Number.NaN])
  })

  it('writes nothing to the cache for padding', () => {
    const heads = { heads: 2, kvHeads: 1, headDim: 8 }
    const values = Float32Array.from({ length: 3 * 32 }, (_, i) => i)
    const qkv = floats([3, 32], values)
    const [k, v] = [floats([1, 16, 1, 8]), floats([1, 16, 1, 8])]
    const step = {
      positions: test.filled(Int32Array.of(1, -1, -1)),
      slots: test.filled(Int32Array.of(4, -1, -1)),
    }
    // A quarter turn at position 1, none at 0.
    const rope = {
      cos: floats([2, 4], Float32Array.of(1, 1, 1, 1, 0, 0, 0, 0)),
      sin: floats([2, 4], Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1)),
    }
    test.run(ropeAndCache(test.tools(step), { qkv, kv: { k, v }, heads, rope, tokens: 3 }))
    const turned = [-4, -5, -6, -7, 0, 1, 2, 3, -12, -13, -14, -15, 8, 9, 10, 11]
    expect(read(qkv).slice(0, 16)).toEqual(turned)
    expect(read(qkv).slice(32, 48)).toEqual([...values.slice(32, 48)])
    const written = (tensor: CudaTensor) => [...read(tensor).entries()].filter(([, value]) => !Number.isNaN(value))
    expect(written(k)).toEqual([-20, -21, -22, -23, 16, 17, 18, 19].map((value, i) => [32 + i, value]))
    expect(written(v)).toEqual([24, 25, 26, 27, 28, 29, 30, 31].map((value, i) => [32 + i, value]))
  })
})
