import { expect, test } from 'vitest'
import { timingsOf } from './timings.ts'

const prompt = { promptTokens: 10, cachedTokens: 6, completionTokens: 20, prefillMs: 8, decodeMs: 100 }

test('what was cached was not processed, and rates are those of what was', () => {
  expect(timingsOf([prompt])).toEqual({
    cache_n: 6,
    prompt_n: 4,
    prompt_ms: 8,
    prompt_per_token_ms: 2,
    prompt_per_second: 500,
    predicted_n: 20,
    predicted_ms: 100,
    predicted_per_token_ms: 5,
    predicted_per_second: 200,
  })
})

test('prompts that run side by side add their tokens, and the longest time counts', () => {
  const other = { promptTokens: 4, cachedTokens: 0, completionTokens: 5, prefillMs: 2, decodeMs: 125 }
  expect(timingsOf([prompt, other])).toMatchObject({
    cache_n: 6,
    prompt_n: 8,
    prompt_ms: 8,
    predicted_n: 25,
    predicted_ms: 125,
    predicted_per_second: 200,
  })
})

test('one answer of several has its own tokens', () => {
  expect(timingsOf([prompt], 10)).toMatchObject({ predicted_n: 10, predicted_ms: 100, predicted_per_second: 100 })
})

test('nothing is divided by nothing', () => {
  const none = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, prefillMs: 0, decodeMs: 0 }
  expect(Object.values(timingsOf([none]))).toEqual(Array(9).fill(0))
})
