import { describe, expect, it } from 'vitest'
import { Sequence } from '../sequence.ts'
import { BlockPool } from './block-pool.ts'
import { KvCache } from './kv-cache.ts'
import { PrefixIndex } from './prefix-index.ts'

const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i)

function sequence(tokens: readonly number[], salt = ''): Sequence {
  return new Sequence(tokens, 0, 0, salt)
}

/** A sequence whose whole prompt has been computed. */
function computed(cache: KvCache, tokens: readonly number[], salt = ''): Sequence {
  const result = sequence(tokens, salt)
  cache.adopt(result, cache.match(result))
  expect(cache.grow(result, tokens.length)).toBe(true)
  result.computed = tokens.length
  cache.publish(result, tokens.length)
  return result
}

describe('BlockPool', () => {
  it('hands out the block that has been free for longest', () => {
    const pool = new BlockPool(3)
    const [a, b] = [pool.allocate(), pool.allocate()]
    pool.release(b)
    pool.release(a)
    expect([pool.allocate(), pool.allocate(), pool.allocate()]).toEqual([2, b, a])
    expect(() => pool.allocate()).toThrow('no block is free')
  })

  it('lets a free block be taken back from the middle', () => {
    const pool = new BlockPool(3)
    pool.retain(1)
    expect(pool.free).toBe(2)
    pool.checkIntegrity()
    expect([pool.allocate(), pool.allocate()]).toEqual([0, 2])
  })

  it('refuses to release what nobody holds', () => {
    expect(() => new BlockPool(1).release(0)).toThrow('block 0 has no holder')
  })
})

describe('PrefixIndex', () => {
  it('tells equal blocks after different prefixes apart', () => {
    const index = new PrefixIndex()
    const tokens = range(16)
    const a = index.add('', tokens, 0, 0)
    const b = index.add(a, tokens, 0, 1)
    expect(index.find('', tokens, 0)).toBe(a)
    expect(index.find(a, tokens, 0)).toBe(b)
    expect(index.find(b, tokens, 0)).toBeUndefined()
  })

  it('compares salts when hashes collide', () => {
    // Found by search: two salts with one and the same hash.
    const [one, other] = ['irwba', 'kutda'] as const
    const index = new PrefixIndex()
    const node = index.add(one, range(16), 0, 0)
    expect(index.find(other, range(16), 0)).toBeUndefined()
    const colliding = index.add(other, range(16), 0, 1)
    expect(colliding.hash).toBe(node.hash)
    expect(index.find(one, range(16), 0)).toBe(node)
  })

  it('compares tokens when hashes collide', () => {
    // Found by search: two blocks with one and the same hash.
    const [one, other] = [
      [...Array(14).fill(0), 839, 65],
      [...Array(14).fill(0), 810, 151],
    ] as const
    const index = new PrefixIndex()
    const node = index.add('', one, 0, 0)
    expect(index.find('', other, 0)).toBeUndefined()
    const colliding = index.add('', other, 0, 1)
    expect(colliding.hash).toBe(node.hash)
    const child = index.add(node, one, 0, 2)
    expect(index.find(node, one, 0)).toBe(child)
    expect(index.find(colliding, one, 0)).toBeUndefined()
    index.remove(0)
    expect(index.find('', one, 0)).toBeUndefined()
    expect(index.find('', other, 0)).toBe(colliding)
  })
})

describe('KvCache', () => {
  it('finds whole blocks of a known prefix, never the last token', () => {
    const cache = new KvCache(8)
    cache.release(computed(cache, range(48)))
    expect(cache.match(sequence(range(48))).blocks).toHaveLength(2)
    expect(cache.match(sequence(range(49))).blocks).toHaveLength(3)
    expect(cache.match(sequence([...range(32), 99, ...range(16, 33)])).blocks).toHaveLength(2)
    expect(cache.match(sequence(range(48, 1))).blocks).toHaveLength(0)
  })

  it('finds nothing under another salt', () => {
    const cache = new KvCache(8)
    cache.release(computed(cache, range(48), 'mine'))
    const found = (salt: string) => cache.match(sequence(range(49), salt)).blocks.length
    expect([found(''), found('theirs'), found('mine')]).toEqual([0, 0, 3])
  })

  it('shares blocks between living sequences', () => {
    const cache = new KvCache(8)
    const a = computed(cache, range(40))
    const b = computed(cache, range(40))
    expect(b.blocks.slice(0, 2)).toEqual(a.blocks.slice(0, 2))
    expect(b.blocks[2]).not.toBe(a.blocks[2])
    cache.checkIntegrity([a, b])
    cache.release(a)
    cache.checkIntegrity([b])
  })

  it('forgets the end of a prefix before its beginning', () => {
    const cache = new KvCache(4)
    cache.release(computed(cache, range(64)))
    const other = computed(cache, range(32, 100))
    expect(cache.match(sequence(range(64))).blocks).toHaveLength(2)
    cache.release(other)
  })

  it('takes nothing when there is not enough', () => {
    const cache = new KvCache(2)
    const a = sequence(range(10))
    expect(cache.grow(a, 33)).toBe(false)
    expect(a.blocks).toEqual([])
    expect(cache.free).toBe(2)
  })

  it('finds nothing when it is switched off', () => {
    const cache = new KvCache(8, false)
    cache.release(computed(cache, range(48)))
    expect(cache.match(sequence(range(48))).blocks).toEqual([])
    expect(cache.findable).toBe(0)
  })
})
