import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocksOf } from '../prompt-blocks.ts'
import { PrefixMemory } from './prefix-memory.ts'

/** Prompts of up to eight blocks that often begin alike, as hashes of their blocks. */
const prompts = fc.array(fc.nat(1), { maxLength: 8 }).map(path =>
  blocksOf(
    path.flatMap(id => new Array(16).fill(id)),
    '',
  ),
)

test('whatever it has forgotten, of every block that it knows it knows all before it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(prompts, { maxLength: 30 }), (limit, sent) => {
      const memory = new PrefixMemory(limit)
      for (const blocks of sent) {
        memory.add(blocks)
        expect(memory.size).toBeLessThanOrEqual(limit)
        expect(memory.match(blocks)).toBe(Math.min(limit, blocks.length))
        for (const other of sent) {
          const known = other.map((_, i) => memory.match(other.slice(i, i + 1)) === 1)
          const first = known.indexOf(false)
          expect(memory.match(other)).toBe(first < 0 ? other.length : first)
          expect(known.lastIndexOf(true)).toBeLessThan(first < 0 ? other.length : first)
        }
      }
    }),
  )
})
