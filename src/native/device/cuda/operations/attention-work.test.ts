import { afterAll, describe, expect, it } from 'vitest'
import { Inputs, stepOf } from '../../testing/case-inputs.ts'
import { CudaMemory } from '../memory/memory.ts'
import { lowerAttention } from '../program/lower.ts'
import { StepRoom } from '../step/step-room.ts'
import { CudaTensor } from '../tensor.ts'
import { testCard } from '../testing/test-card.ts'
import { TestTools } from '../testing/test-tools.ts'

const card = testCard()

describe.skipIf(card === undefined)('what attention of a step is reckoned to take', () => {
  if (card === undefined) return
  const test = new TestTools()
  afterAll(() => test[Symbol.dispose]())
  const memory = new CudaMemory(test.context, 2 ** 24)
  const room = new StepRoom(
    test.context,
    test.stream,
    memory,
    { tokens: 8, sequences: 3, logitRows: 3, maxBlocks: 8 },
    0,
  )
  const tensor = (...shape: number[]) => new CudaTensor({}, shape, 'bf16', 'activations', 256)
  const heads = { heads: 4, kvHeads: 2, headDim: 16 }
  const kv = { k: tensor(4, 16, 2, 16), v: tensor(4, 16, 2, 16) }

  function workOf(window: number | undefined, batchInvariant = false) {
    const inputs = new Inputs({} as never, 1)
    const sequences = [
      { cached: 60, queries: 5 },
      { cached: 19, queries: 1 },
      { cached: 29, queries: 1 },
    ]
    const shape = room.stage(test.stream, stepOf(inputs, sequences))
    const tools = { ...test.tools(room.memory, 'bf16'), batchInvariant }
    const options = { scale: 1, window }
    const node = { kind: 'attention', out: tensor(8, 64), qkv: tensor(8, 128), kv, heads, options } as const
    return lowerAttention(node, tools, shape).map(({ bytes, flops }) => ({ bytes, flops }))
  }

  it('is every position that a query sees, twice two operations for each value of a head', () => {
    expect(workOf(undefined)).toEqual([
      // 61 + … + 65 positions; keys and values of 65 are read once, in 2 bytes.
      { flops: 4 * 315 * 64, bytes: 2 * 65 * 32 * 2 + 2 * 5 * 64 * 2 },
      { flops: 4 * (20 + 30) * 64, bytes: (20 + 30) * 2 * 32 * 2 + 2 * 2 * 64 * 2 },
    ])
  })

  it('is no more than a window shows', () => {
    expect(workOf(10).map(({ flops }) => flops)).toEqual([4 * 5 * 10 * 64, 4 * 2 * 10 * 64])
  })

  it('is the same where every token comes by itself', () => {
    expect(workOf(undefined, true).map(({ flops }) => flops)).toEqual([4 * (315 + 50) * 64])
  })
})
