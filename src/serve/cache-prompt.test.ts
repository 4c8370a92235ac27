import { expect, test } from 'vitest'
import { serveMock } from '../../test/serve-mock.ts'

test('a prompt that is not to be cached is computed anew, whatever its requests are called', async () => {
  await using mock = await serveMock()
  const cachedTokens = async (fields: object) => {
    const body = { prompt: 'word '.repeat(100), max_tokens: 1, ...fields }
    const answer = await mock.post('/v1/completions', body, { headers: { 'X-Request-Id': 'x'.repeat(128) } })
    expect(answer.status).toBe(200)
    const { usage } = (await answer.json()) as { usage: { prompt_tokens_details: { cached_tokens: number } } }
    return usage.prompt_tokens_details.cached_tokens
  }
  expect(await cachedTokens({ cache_prompt: false })).toBe(0)
  expect(await cachedTokens({ cache_prompt: false })).toBe(0)
  expect(await cachedTokens({})).toBe(0)
  expect(await cachedTokens({})).toBeGreaterThan(0)
})
