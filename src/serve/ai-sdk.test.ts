import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, generateText, streamText } from 'ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'

/** Vercel's AI SDK, as its users use it. */
let mock: MockServer
let provider: ReturnType<typeof createOpenAICompatible>
beforeAll(async () => {
  mock = await serveMock()
  provider = createOpenAICompatible({ name: 'warpline', baseURL: `${mock.server.url}/v1`, includeUsage: true })
})
afterAll(() => mock[Symbol.asyncDispose]())

const TEXT = ' boma bovoke jeba bipeke betuva bazupi'
const plain = { prompt: 'Hello', maxOutputTokens: 6, seed: 1, maxRetries: 0 }
const asked = { ...plain, system: 'Be brief.' }

describe('generateText', () => {
  test('text, usage and why it ended', async () => {
    const { text, usage, finishReason, response } = await generateText({ model: provider('mock'), ...asked })
    expect(text).toBe(TEXT)
    expect(finishReason).toBe('length')
    expect(usage).toMatchObject({ outputTokens: 6, totalTokens: usage.inputTokens! + 6 })
    expect(response).toMatchObject({ id: expect.stringMatching(/^chatcmpl-/), modelId: 'mock' })
  })

  test('a stop string', async () => {
    const { text, finishReason } = await generateText({ model: provider('mock'), ...asked, stopSequences: ['ba'] })
    expect({ text, finishReason }).toEqual({ text: ' boma bovoke je', finishReason: 'stop' })
  })

  test('the older kind of completion', async () => {
    const model = provider.completionModel('mock')
    const { text, usage } = await generateText({ model, ...plain })
    expect(text.trim().split(' ')).toHaveLength(6)
    expect(usage.outputTokens).toBe(6)
  })

  test('what was cached is told', async () => {
    const prompt = 'again and again '.repeat(20)
    await generateText({ model: provider('mock'), ...asked, prompt })
    const { usage } = await generateText({ model: provider('mock'), ...asked, prompt })
    expect(usage.inputTokenDetails.cacheReadTokens).toBeGreaterThan(50)
  })
})

describe('streamText', () => {
  test('text in pieces, usage and why it ended', async () => {
    const result = streamText({ model: provider('mock'), ...asked })
    const pieces: string[] = []
    for await (const piece of result.textStream) pieces.push(piece)
    expect(pieces.join('')).toBe(TEXT)
    expect(await result.finishReason).toBe('length')
    expect(await result.usage).toMatchObject({ inputTokens: expect.any(Number), outputTokens: 6 })
  })

  test('leaving it frees the engine', async () => {
    // Left alone, it would run for more than a minute.
    await using slow = await serveMock({ itlMs: 1000 })
    const model = createOpenAICompatible({ name: 'warpline', baseURL: `${slow.server.url}/v1` })('mock')
    const controller = new AbortController()
    const { textStream } = streamText({ model, prompt: 'Hello', abortSignal: controller.signal })
    for await (const piece of textStream) if (piece) controller.abort()
    await expect.poll(() => slow.engine.stats().running).toBe(0)
  })
})

describe('errors', () => {
  test('are APICallErrors with our words', async () => {
    const error = await generateText({ model: provider('mock'), ...asked, temperature: 99 }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(APICallError)
    expect(error).toMatchObject({
      statusCode: 400,
      message: 'temperature must be a number from 0 to 10, got 99',
      isRetryable: false,
      data: { error: { param: 'temperature', code: 'invalid_request' } },
    })
  })

  test('of a stream come as its error', async () => {
    const errors: unknown[] = []
    const result = streamText({
      model: provider('mock'),
      ...asked,
      temperature: 99,
      onError: ({ error }) => void errors.push(error),
    })
    await result.consumeStream()
    expect(errors).toEqual([expect.objectContaining({ statusCode: 400 })])
  })
})
