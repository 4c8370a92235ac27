import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Engine, Input } from '../../engine/index.ts'
import { loadTokenizer } from '../../formats/index.ts'
import { begin } from '../../prompts/index.ts'
import { wordListFor } from './word-list.ts'
import { wordWriter } from './word-writer.ts'

const FIXTURES = fileURLToPath(new URL('../../../test/fixtures/tokenizers/', import.meta.url))

/** Before and behind what is said, as a template has it. */
const TEMPLATE = ['user: ', '\nassistant:'] as const

/** An engine of which the tokenizer alone is there; it counts what it is asked. */
async function counting(name: string) {
  const tokenizer = await loadTokenizer(FIXTURES + name)
  let questions = 0
  const tokenize = async (input: Input) => {
    questions++
    if ('messages' in input) return tokenizer.encode(TEMPLATE.join(input.messages.map(({ content }) => content).join()))
    return tokenizer.encode('text' in input ? input.text : '')
  }
  return { engine: { tokenize } as Pick<Engine, 'tokenize'> as Engine, asked: () => questions }
}

test.each(
  ['byte-level-llama3', 'byte-level-qwen', 'spm-gemma', 'spm-llama2', 'spm-mistral'].flatMap(name =>
    (['text', 'chat'] as const).map(as => [name, as] as const),
  ),
)('%s: so many words are so many tokens, as %s', async (name, as) => {
  const { engine, asked } = await counting(name)
  const list = await wordListFor(engine, text => begin(text, as))
  expect(asked()).toBeLessThan(10)
  expect(list.exact).toBe(true)
  expect(list.words.length).toBeGreaterThan(32)
  const writer = wordWriter(1, as, list)
  const one = await engine.tokenize(writer.write([{ stream: 1, tokens: 100 }]))
  const other = await engine.tokenize(writer.write([{ stream: 2, tokens: 100 }]))
  expect([one.length, other.length]).toEqual([list.fixed + 100, list.fixed + 100])
  expect(one.slice(0, list.leading)).toEqual(other.slice(0, list.leading))
  expect(one[list.leading]).not.toBe(other[list.leading])
})
