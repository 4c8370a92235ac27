import { expect, test } from 'vitest'
import { KvBlocks } from './kv-blocks.ts'

const tokens = (length: number, first = 0) => Array.from({ length }, (_, i) => first + i)

test('a prompt is cached once it was processed, and never its last token', () => {
  const blocks = new KvBlocks(100, true)
  const first = blocks.lease(tokens(32))
  expect(blocks.lease(tokens(32)).cachedTokens).toBe(0)
  first.filled()
  expect(blocks.lease(tokens(32)).cachedTokens).toBe(16)
  expect(blocks.lease(tokens(33)).cachedTokens).toBe(32)
  expect(blocks.lease(tokens(33, 1)).cachedTokens).toBe(0)
})

test('an answer is cached for the next turn of the chat', () => {
  const blocks = new KvBlocks(100, true)
  const lease = blocks.lease(tokens(10))
  lease.filled()
  lease.grow(40)
  expect(blocks.used).toBe(3)
  lease.release(tokens(40))
  expect(blocks.used).toBe(0)
  expect(blocks.lease(tokens(50)).cachedTokens).toBe(32)
})

test('what was never processed leaves nothing behind', () => {
  const blocks = new KvBlocks(100, true)
  blocks.lease(tokens(32)).release(tokens(32))
  expect(blocks.lease(tokens(33)).cachedTokens).toBe(0)
})

test('the block that was not used for longest makes room', () => {
  const blocks = new KvBlocks(4, true)
  for (const first of [0, 1000]) {
    const lease = blocks.lease(tokens(32, first))
    lease.filled()
    lease.release(tokens(32, first))
  }
  blocks.lease(tokens(32, 2000))
  expect(blocks.lease(tokens(33, 0)).cachedTokens).toBe(0)
})

test('without a prefix cache every block is a sequence’s own', () => {
  const blocks = new KvBlocks(100, false)
  const leases = [blocks.lease(tokens(32)), blocks.lease(tokens(32))]
  for (const lease of leases) lease.filled()
  expect(blocks.used).toBe(4)
  expect(blocks.lease(tokens(33)).cachedTokens).toBe(0)
})
