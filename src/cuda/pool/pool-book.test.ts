import fc from 'fast-check'
import { expect, it } from 'vitest'
import { startThread } from '../../threads.ts'
import { PoolBook, type PoolPiece } from './pool-book.ts'

const SLAB = 1000

/** A book whose slabs lie side by side from address 10 000 on, so that joining across them would show. */
function bookOf(capacity?: number): { book: PoolBook; take(bytes: number): PoolPiece; slabs: number[] } {
  const book = PoolBook.create(capacity)
  const slabs: number[] = []
  const grow = (): { address: number; bytes: number } => {
    const address = 10_000 + slabs.length * SLAB
    slabs.push(address)
    return { address, bytes: SLAB }
  }
  return { book, slabs, take: bytes => book.take(bytes, grow) }
}

it('hands out the smallest piece that holds what is asked for', () => {
  const { book, take } = bookOf()
  const pieces = [300, 10, 100, 10, 200, 10].map(take)
  for (const i of [0, 2, 4]) book.give(pieces[i]!)
  expect(take(90).pointer).toBe(pieces[2]!.pointer)
  expect(take(150).pointer).toBe(pieces[4]!.pointer)
  expect(take(300).pointer).toBe(pieces[0]!.pointer)
})

it('joins free neighbours, and never those of two slabs', () => {
  const { book, take, slabs } = bookOf()
  const pieces = Array.from({ length: 20 }, () => take(100))
  expect(slabs).toHaveLength(2)
  for (const piece of pieces.toSorted((a, b) => ((a.pointer * 7919) % 31) - ((b.pointer * 7919) % 31))) book.give(piece)
  expect(book.statistics).toEqual({ reserved: 2000, used: 0, peak: 2000, allocations: 0, fragmentation: 0.5 })
  expect([take(1000), take(1000)].map(({ pointer }) => pointer).sort()).toEqual(slabs)
})

it('refuses what it has not handed out', () => {
  const { book, take } = bookOf()
  const piece = take(16)
  book.give(piece)
  expect(() => book.give(piece)).toThrow(new RangeError('the pool has not handed out 2710: is it given back twice?'))
  expect(() => book.give({ ...take(16), pointer: 5 })).toThrow(RangeError)
})

it('is as it was when it cannot grow', () => {
  const { book, take } = bookOf()
  take(600)
  const before = book.statistics
  const outOfMemory = (): never => {
    throw new Error('out of memory')
  }
  expect(() => book.take(600, outOfMemory)).toThrow('out of memory')
  expect(book.statistics).toEqual(before)
  expect(take(400).bytes).toBe(400)
})

it('hands out more than was asked for when no record is left for the rest', () => {
  const { book, take } = bookOf(3)
  const pieces = [take(100), take(100), take(100)]
  expect(pieces.map(({ bytes }) => bytes)).toEqual([100, 100, 800])
  expect(book.statistics.used).toBe(1000)
  for (const piece of pieces) book.give(piece)
  expect(book.statistics).toMatchObject({ used: 0, fragmentation: 0 })
})

it('pieces never overlap, all free neighbours are joined, and the counts are right', () => {
  const action = fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: SLAB }) }),
    fc.record({ give: fc.nat({ max: 1000 }) }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), actions => {
      const { book, take, slabs } = bookOf()
      const held: PoolPiece[] = []
      let peak = 0
      for (const each of actions) {
        if ('take' in each) held.push(take(each.take))
        else if (held.length > 0) book.give(held.splice(each.give % held.length, 1)[0]!)
        const sorted = held.toSorted((a, b) => a.pointer - b.pointer)
        for (const [i, { pointer, bytes }] of sorted.entries())
          expect(pointer + bytes).toBeLessThanOrEqual(sorted[i + 1]?.pointer ?? Number.POSITIVE_INFINITY)
        const used = held.reduce((sum, { bytes }) => sum + bytes, 0)
        peak = Math.max(peak, used)
        const largest = largestGap(slabs, sorted)
        const free = slabs.length * SLAB - used
        expect(book.statistics).toEqual({
          reserved: slabs.length * SLAB,
          used,
          peak,
          allocations: held.length,
          fragmentation: free === 0 ? 0 : 1 - largest / free,
        })
      }
    }),
    { numRuns: 60 },
  )
})

/** The largest free run of bytes within one slab. */
function largestGap(slabs: readonly number[], held: readonly PoolPiece[]): number {
  let largest = 0
  for (const slab of slabs) {
    let at = slab
    for (const { pointer, bytes } of held.filter(each => each.pointer >= slab && each.pointer < slab + SLAB)) {
      largest = Math.max(largest, pointer - at)
      at = pointer + bytes
    }
    largest = Math.max(largest, slab + SLAB - at)
  }
  return largest
}

it('threads share it', async () => {
  const { book } = bookOf()
  book.give(book.take(64, () => ({ address: 0, bytes: 2 ** 20 })))
  const memory = new SharedArrayBuffer(2 ** 20)
  const told = await Promise.all(
    [3, 5, 7].map(mark => {
      const workerData = { shared: book.shared, memory, mark, rounds: 3000 }
      const thread = startThread(new URL('./testing/take-and-give.thread.ts', import.meta.url), { workerData })
      return new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject))
    }),
  )
  expect(told).toEqual([3, 5, 7].map(() => ({ clashes: 0, held: 20 })))
  expect(book.statistics.allocations).toBe(60)
})
