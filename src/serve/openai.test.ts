import OpenAI, { APIUserAbortError, BadRequestError, InternalServerError, NotFoundError } from 'openai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'

/** OpenAI's own client, as its users use it. */
let mock: MockServer
let client: OpenAI
beforeAll(async () => {
  mock = await serveMock()
  client = new OpenAI({ baseURL: `${mock.server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => mock[Symbol.asyncDispose]())

const messages = [
  { role: 'developer', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
] satisfies OpenAI.ChatCompletionMessageParam[]
const chat = { model: 'mock', messages, max_completion_tokens: 6, seed: 1 } as const

describe('chat', () => {
  test('whole', async () => {
    const completion = await client.chat.completions.create(chat)
    expect(completion).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: 'chat.completion',
      model: 'mock',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: ' boma bovoke jeba bipeke betuva bazupi' },
          logprobs: null,
          finish_reason: 'length',
        },
      ],
    })
    const { prompt_tokens, completion_tokens, total_tokens } = completion.usage!
    expect(completion_tokens).toBe(6)
    expect(total_tokens).toBe(prompt_tokens + 6)
    expect(Math.abs(completion.created - Date.now() / 1000)).toBeLessThan(60)
  })

  test('streamed: what the whole answer says, in pieces, with the same usage', async () => {
    const whole = await client.chat.completions.create({ ...chat, n: 2 })
    const stream = await client.chat.completions.create({
      ...chat,
      n: 2,
      stream: true,
      stream_options: { include_usage: true },
    })
    const texts = ['', '']
    const finished: (string | null)[] = []
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      for (const { index, delta, finish_reason } of chunk.choices) {
        texts[index] += delta.content ?? ''
        if (finish_reason) finished[index] = finish_reason
      }
      usage = chunk.usage
    }
    expect(texts).toEqual(whole.choices.map(choice => choice.message.content))
    expect(texts[0]).not.toBe(texts[1])
    expect(finished).toEqual(['length', 'length'])
    expect({ ...usage, prompt_tokens_details: null }).toEqual({ ...whole.usage, prompt_tokens_details: null })
  })

  test.each([undefined, null, { include_usage: false }])(
    'with stream_options %j every chunk has a choice',
    async options => {
      const stream = await client.chat.completions.create({
        ...chat,
        stream: true,
        ...(options !== undefined && { stream_options: options }),
      })
      for await (const chunk of stream) {
        expect(chunk.choices).toHaveLength(1)
        expect(chunk).not.toHaveProperty('usage')
      }
    },
  )

  test('the client’s helper that collects a stream', async () => {
    const stream = client.chat.completions.stream(chat)
    expect((await stream.finalMessage()).content).toBe(' boma bovoke jeba bipeke betuva bazupi')
  })

  test('log-probabilities: their tokens are the content', async () => {
    const { choices } = await client.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 3 })
    const { message, logprobs } = choices[0]!
    expect(logprobs!.content!.map(({ token }) => token).join('')).toBe(message.content)
    for (const { token, bytes, logprob, top_logprobs } of logprobs!.content!) {
      expect(Buffer.from(bytes!).toString()).toBe(token)
      expect(top_logprobs).toHaveLength(3)
      expect(top_logprobs[0]).toEqual({ token, bytes, logprob })
    }
  })

  test('log-probabilities of each of n answers, streamed', async () => {
    const asked = { ...chat, n: 2, logprobs: true, top_logprobs: 1 }
    const { choices } = await client.chat.completions.create(asked)
    const told = [[], []] as OpenAI.ChatCompletionTokenLogprob[][]
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true }))
      for (const { index, logprobs } of choices) told[index]!.push(...(logprobs?.content ?? []))
    expect(told).toEqual(choices.map(({ logprobs }) => logprobs!.content))
    expect(told[0]).toHaveLength(6)
  })

  test('max_tokens: 0 is an empty answer that ended at its length', async () => {
    const { choices, usage } = await client.chat.completions.create({ ...chat, max_completion_tokens: 0 })
    expect(choices[0]).toMatchObject({ message: { content: '' }, finish_reason: 'length' })
    expect(usage!.completion_tokens).toBe(0)
  })

  test('a stop string ends the answer before itself', async () => {
    for (const stop of ['ba', ['zzz', 'ba']]) {
      const { choices } = await client.chat.completions.create({ ...chat, stop })
      expect(choices[0]).toMatchObject({ message: { content: ' boma bovoke je' }, finish_reason: 'stop' })
    }
  })

  test('a prompt said twice is found in the cache', async () => {
    const long = { ...chat, messages: [{ role: 'user' as const, content: 'again and again '.repeat(20) }] }
    await client.chat.completions.create(long)
    const { usage } = await client.chat.completions.create(long)
    expect(usage!.prompt_tokens_details!.cached_tokens).toBeGreaterThan(50)
  })
})

describe('completions', () => {
  test('whole, with the default of 16 tokens', async () => {
    const completion = await client.completions.create({ model: 'mock', prompt: 'Once', seed: 1 })
    expect(completion).toMatchObject({
      id: expect.stringMatching(/^cmpl-[0-9a-f]{32}$/),
      object: 'text_completion',
      usage: { prompt_tokens: 1, completion_tokens: 16, total_tokens: 17 },
    })
    expect(completion.choices[0]!.text.trim().split(' ')).toHaveLength(16)
  })

  test('several prompts, n of each', async () => {
    const { choices, usage } = await client.completions.create({
      model: 'mock',
      prompt: ['Once upon', 'a time'],
      max_tokens: 3,
      n: 2,
      seed: 1,
    })
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    expect(choices[2]!.text).toBe(choices[0]!.text)
    expect(usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 12 })
  })

  test('token ids', async () => {
    const { usage } = await client.completions.create({ model: 'mock', prompt: [1, 2, 3], max_tokens: 1 })
    expect(usage!.prompt_tokens).toBe(3)
  })

  test('streamed with log-probabilities', async () => {
    const stream = await client.completions.create({
      model: 'mock',
      prompt: 'Once',
      max_tokens: 5,
      logprobs: 2,
      stream: true,
    })
    const [tokens, offsets]: [string[], number[]] = [[], []]
    let text = ''
    for await (const { choices } of stream) {
      text += choices[0]!.text
      tokens.push(...(choices[0]!.logprobs?.tokens ?? []))
      offsets.push(...(choices[0]!.logprobs?.text_offset ?? []))
    }
    expect(tokens.join('')).toBe(text)
    expect(offsets.map(offset => text[offset])).toEqual([' ', ' ', ' ', ' ', ' '])
  })
})

test('models', async () => {
  const models = await client.models.list()
  expect(models.data).toEqual([expect.objectContaining({ id: 'mock', object: 'model', owned_by: 'warpline' })])
  expect(await client.models.retrieve('mock')).toEqual(models.data[0])
  await expect(client.models.retrieve('other')).rejects.toBeInstanceOf(NotFoundError)
})

describe('errors are the client’s own classes', () => {
  test('a wrong field', async () => {
    const error = await client.chat.completions.create({ ...chat, temperature: 99 }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({
      status: 400,
      param: 'temperature',
      code: 'invalid_request',
      type: 'invalid_request_error',
    })
  })

  test('a prompt that is too long, though it was to be streamed', async () => {
    const request = {
      ...chat,
      messages: [{ role: 'user' as const, content: 'word '.repeat(2000) }],
      stream: true as const,
    }
    await expect(client.chat.completions.create(request)).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      error: { n_ctx: 1024 },
    })
  })

  test('what is not supported', async () => {
    const request = { ...chat, response_format: { type: 'json_object' as const } }
    const error = await client.chat.completions.create(request).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error).toMatchObject({ status: 501, param: 'response_format' })
  })
})

describe('a client that leaves frees the engine', () => {
  const endless = { ...chat, max_completion_tokens: 900, ignore_eos: true }
  const idle = () =>
    vi.waitFor(() => expect(mock.engine.stats()).toMatchObject({ running: 0, waiting: 0, kvBlocksUsed: 0 }), {
      interval: 1,
    })
  const busy = () => vi.waitFor(() => expect(mock.engine.stats().running).toBe(1), { interval: 1 })

  test('in the middle of a stream', async () => {
    const before = mock.engine.stats().generatedTokens
    const stream = await client.chat.completions.create({ ...endless, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]!.delta.content) break
    await idle()
    expect(mock.engine.stats().generatedTokens - before).toBeLessThan(800)
  })

  test('while it waits for a whole answer', async () => {
    const before = mock.engine.stats().generatedTokens
    const controller = new AbortController()
    const answer = client.chat.completions.create(endless, { signal: controller.signal })
    const outcome = expect(answer).rejects.toBeInstanceOf(APIUserAbortError)
    await busy()
    controller.abort()
    await outcome
    await idle()
    expect(mock.engine.stats().generatedTokens - before).toBeLessThan(800)
  })
})
