import { expect, test } from 'vitest'
import { KvBlocks, type Lease } from './kv-blocks.ts'

const tokens = (length: number, first = 0) => Array.from({ length }, (_, i) => first + i)
const append = (lease: Lease, ids: readonly number[]) => {
  for (const id of ids) lease.append(id)
}

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
  append(lease, tokens(30, 10))
  expect(blocks.used).toBe(3)
  lease.release()
  expect(blocks.used).toBe(0)
  expect(blocks.lease(tokens(50)).cachedTokens).toBe(32)
})

test('an equal prompt with another salt finds nothing, and with the same one everything', () => {
  const blocks = new KvBlocks(100, true)
  const lease = blocks.lease(tokens(32), 'mine')
  lease.filled()
  lease.release()
  expect(['', 'theirs', 'min', 'minee', 'mine'].map(salt => blocks.lease(tokens(33), salt).cachedTokens)).toEqual([
    0, 0, 0, 0, 32,
  ])
})

test('what was never processed leaves nothing behind', () => {
  const blocks = new KvBlocks(100, true)
  blocks.lease(tokens(32)).release()
  expect(blocks.lease(tokens(33)).cachedTokens).toBe(0)
})

test('the block that was not used for longest makes room', () => {
  const blocks = new KvBlocks(4, true)
  for (const first of [0, 1000]) {
    const lease = blocks.lease(tokens(32, first))
    lease.filled()
    lease.release()
  }
  blocks.lease(tokens(32, 2000))
  expect(blocks.lease(tokens(33, 0)).cachedTokens).toBe(0)
})

test('however much room there is, what nobody uses is forgotten at some time', () => {
  const blocks = new KvBlocks(1_000_000, true)
  const once = (first: number, length: number) => {
    const lease = blocks.lease(tokens(length, first))
    lease.filled()
    lease.release()
    return lease.cachedTokens
  }
  once(0, 33)
  once(1e6, 16 * 30_000)
  expect(once(0, 33)).toBe(32)
  once(2e6, 16 * 32_768)
  expect(once(0, 33)).toBe(0)
})

test('without a prefix cache every block is a sequence’s own', () => {
  const blocks = new KvBlocks(100, false)
  const leases = [blocks.lease(tokens(32)), blocks.lease(tokens(32))]
  for (const lease of leases) lease.filled()
  expect(blocks.used).toBe(4)
  expect(blocks.lease(tokens(33)).cachedTokens).toBe(0)
})
