import { expect, it } from 'vitest'
import { WordCache } from './word-cache.ts'

it('keeps what is asked for and drops the rest in time', () => {
  const cache = new WordCache()
  cache.set('kept', [1])
  cache.set('dropped', [2])
  for (let i = 0; i < 100_000; i++) {
    cache.set(`word ${i}`, [i])
    cache.get('kept')
  }
  expect(cache.get('kept')).toEqual([1])
  expect(cache.get('dropped')).toBeUndefined()
  expect(cache.get('word 99999')).toEqual([99_999])
})

it('does not keep long words', () => {
  const cache = new WordCache()
  cache.set('a'.repeat(1000), [1])
  expect(cache.get('a'.repeat(1000))).toBeUndefined()
})
