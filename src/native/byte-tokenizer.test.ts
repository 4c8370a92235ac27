import { expect, it } from 'vitest'
import { TooManyTokensError } from '../formats/index.ts'
import { ByteTokenizer } from './byte-tokenizer.ts'

const tokenizer = new ByteTokenizer(32_000)

it('makes a token of each byte, and the text of them again', () => {
  const ids = tokenizer.encode('né')
  expect(ids).toEqual([1, 3 + 0x6e, 3 + 0xc3, 3 + 0xa9])
  expect(tokenizer.decode(ids)).toBe('né')
  expect(tokenizer.decode(ids, { skipSpecial: false })).toBe('<s>né')
})

it('reads every other id as a word', () => {
  expect(tokenizer.decode([259, 31_999, 2])).toBe(' w259 w31999')
  expect(() => tokenizer.tokenBytes(32_000)).toThrow('token 32000 is none of 32000')
})

it('refuses what is too long', () => {
  expect(tokenizer.encode('abc', { limit: 4 })).toHaveLength(4)
  expect(() => tokenizer.encode('abcd', { limit: 4 })).toThrow(TooManyTokensError)
})
