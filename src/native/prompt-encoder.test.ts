import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { InvalidRequestError, UnsupportedError } from '../engine/index.ts'
import { loadChatTemplate, loadTokenizer, TooManyTokensError } from '../formats/index.ts'
import { PromptEncoder } from './prompt-encoder.ts'

const directory = fileURLToPath(new URL('../../test/fixtures/tokenizers/spm-mistral/', import.meta.url))
const tokenizer = await loadTokenizer(directory)
const encoder = new PromptEncoder(tokenizer, await loadChatTemplate(directory))
const user = { role: 'user', content: 'Hello' } as const

it('takes token ids as they are', () => {
  expect(encoder.encode({ tokens: [7, 8] })).toEqual([7, 8])
})

it('adds the tokenizer’s prefix to text, and leaves it to the template in a chat', () => {
  const starts = (ids: readonly number[]) => ids.filter(id => id === tokenizer.bosId).length
  expect(starts(encoder.encode({ text: 'Hello' }))).toBe(1)
  expect(starts(encoder.encode({ messages: [user] }))).toBe(1)
})

it('leaves the tokenizer’s prefix out where that is asked for', () => {
  const [bos, ...rest] = encoder.encode({ text: 'Hello' })
  expect(bos).toBe(tokenizer.bosId)
  expect(encoder.encode({ text: 'Hello', addSpecialTokens: false })).toEqual(rest)
})

it('renders the text whose tokens a chat begins with', () => {
  const text = encoder.render({ messages: [user] })
  expect(text).toMatch(/Hello/)
  expect(encoder.encode({ text, addSpecialTokens: false })).toEqual(encoder.encode({ messages: [user] }))
})

it('stops where a text or a chat has more tokens than asked for', () => {
  for (const input of [{ text: 'Hello' }, { messages: [user] }]) {
    const ids = encoder.encode(input)
    expect(encoder.encode(input, { limit: ids.length })).toEqual(ids)
    expect(() => encoder.encode(input, { limit: ids.length - 1 })).toThrow(TooManyTokensError)
  }
})

it('passes a template’s refusal on in its own words', () => {
  const refused = () => encoder.encode({ messages: [user, user] })
  expect(refused).toThrow(InvalidRequestError)
  expect(refused).toThrow(/alternate/)
})

it('says that a model without a template takes no messages', () => {
  expect(() => new PromptEncoder(tokenizer, undefined).encode({ messages: [user] })).toThrow(UnsupportedError)
})
