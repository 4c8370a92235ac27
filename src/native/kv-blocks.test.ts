import { expect, it } from 'vitest'
import { cardBlocks, hostBlocks } from './kv-blocks.ts'
import { modelShape } from './model/shapes.ts'

const config = modelShape('llama-2-7b')
const GIB = 2 ** 30
/** 2 · 32 layers · 16 positions · 32 heads of 128 · 2 bytes: 8 MiB a block. */
const request = {
  config,
  kvType: 'bf16',
  contextLength: 4096,
  maxSequences: 8,
  activationType: 'bf16',
  storage: 'bf16',
  maxTokens: 2048,
} as const

it('takes of the host what it is given, but one context at least and what is of use at most', () => {
  expect(hostBlocks(request, 4 * GIB)).toBe(512)
  expect(hostBlocks(request, 1)).toBe(256)
  expect(hostBlocks(request, 1000 * GIB)).toBe(8 * 256)
})

it('takes of a card what is left, and no more than it is told', () => {
  expect(cardBlocks({ ...request, budgetBytes: 80 * GIB })).toBe(8 * 256)
  const some = cardBlocks({ ...request, budgetBytes: 20 * GIB })
  expect(some).toBeGreaterThan(256)
  expect(some).toBeLessThan(8 * 256)
  expect(cardBlocks({ ...request, budgetBytes: 80 * GIB }, 4 * GIB)).toBe(512)
})

it('says what to change where a model does not fit', () => {
  expect(() => cardBlocks({ ...request, budgetBytes: 10 * GIB })).toThrow(
    /^the model does not fit: \d+ MiB more than the 10240 MiB that the GPU may give are needed: try .*--quantize fp8/,
  )
})
