import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../errors.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import { fixture, folder } from './testing.ts'

type Tree = unknown

/** What stands in place of some value: each of another type than most fields have. */
const ODD = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 40,
  '',
  'x',
  '\ud800',
  [],
  {},
  [[]],
  ['x', 'x'],
  { type: 'BPE' },
  { type: 'Sequence' },
  { String: '' },
]

/** Goes down by `steps` and replaces, removes or doubles what it comes to. */
function mutate(tree: Tree, steps: readonly number[], odd: unknown): void {
  let node = tree as Record<string, unknown>
  for (const [depth, step] of steps.entries()) {
    const keys = Object.keys(node)
    if (keys.length === 0) return
    const key = keys[step % keys.length]!
    const child = node[key]
    if (depth + 1 === steps.length || typeof child !== 'object' || child === null) {
      if (odd === undefined) delete node[key]
      else node[key] = odd
      return
    }
    node = child as Record<string, unknown>
  }
}

/** Small, so that a mutation hits something: most of the vocabulary and the merges left out. */
function small(name: string): Record<string, unknown> {
  const file = JSON.parse(readFileSync(join(fixture(name), 'tokenizer.json'), 'utf8'))
  file.model.merges = file.model.merges.slice(0, 8)
  return file
}

describe.each(['byte-level-llama3', 'byte-level-qwen', 'spm-llama2', 'spm-mistral', 'spm-gemma'])(
  '%s, changed anyhow',
  name => {
    it('is a tokenizer that works or a FormatError in one line', async () => {
      const text = JSON.stringify(small(name))
      const steps = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 })
      const odd = fc.constantFrom(undefined, ...ODD)
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(steps, odd), { minLength: 1, maxLength: 3 }), async mutations => {
          const tree: Tree = JSON.parse(text)
          for (const [path, value] of mutations) mutate(tree, path, structuredClone(value))
          using directory = folder({ 'tokenizer.json': JSON.stringify(tree) })
          try {
            const tokenizer = await loadTokenizer(directory.path)
            tokenizer.decode(tokenizer.encode('The loom\n stood <s>[INST]<|eot_id|> 1801 織 🙂'))
            for (let id = 0; id < Math.min(tokenizer.vocabSize, 300); id++) tokenizer.tokenBytes(id)
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
            expect((error as Error).message).not.toContain('\n')
          }
        }),
        { numRuns: 120 },
      )
    })
  },
)
