import { expect, test } from 'vitest'
import { Vocabulary } from './vocabulary.ts'

test('every id has a word of its own, and text made of ids gives these ids', () => {
  const vocabulary = new Vocabulary(7000)
  const ids = Array.from({ length: 7000 }, (_, id) => id)
  const text = vocabulary.detokenize(ids)
  expect(new Set(text.split(' ')).size).toBe(7001)
  expect(vocabulary.tokenize(text)).toEqual(ids)
})

test('foreign text costs a token for each four characters of a word', () => {
  const vocabulary = new Vocabulary(50)
  const ids = vocabulary.tokenize('Hello, wörld 😀😀😀😀😀')
  expect(ids).toHaveLength(2 + 2 + 2)
  expect(ids.every(id => id >= 0 && id < 50)).toBe(true)
  expect(vocabulary.tokenize(' \n ')).toHaveLength(1)
})

test('a word beyond the vocabulary is foreign', () => {
  expect(new Vocabulary(80).tokenize('zu')).toEqual([79])
  expect(new Vocabulary(79).tokenize('zu')[0]).toBeLessThan(79)
})

test('text that goes on keeps the tokens it had', () => {
  const vocabulary = new Vocabulary(32_000)
  const head = vocabulary.tokenize('You are a helpful assistant.')
  expect(vocabulary.tokenize('You are a helpful assistant. Hello').slice(0, head.length)).toEqual(head)
})

test('reads no more of a text than tells that it has more tokens than asked for', () => {
  const vocabulary = new Vocabulary(80)
  expect(vocabulary.tokenize('ba ba', 2)).toHaveLength(2)
  expect(vocabulary.tokenize('ba '.repeat(1000), 2)).toHaveLength(3)
  expect(vocabulary.tokenize('x'.repeat(1000), 2)).toHaveLength(3)
})
