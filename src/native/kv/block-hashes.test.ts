import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockHashes } from './block-hashes.ts'
import { PrefixIndex, type PrefixParent } from './prefix-index.ts'

test('are those under which the prefix index keeps a prompt’s blocks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 31 - 1), { maxLength: 80 }), fc.string(), (tokens, salt) => {
      const index = new PrefixIndex()
      let parent: PrefixParent = salt
      for (const [block, hash] of blockHashes(tokens, salt).entries()) {
        const node = index.add(parent, tokens, block * 16, block)
        expect(node.hash).toBe(hash)
        parent = node
      }
    }),
  )
})
