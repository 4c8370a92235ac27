import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'

let mock: MockServer
beforeAll(async () => {
  mock = await serveMock({ vocabSize: 1000 })
})
afterAll(() => mock[Symbol.asyncDispose]())

const CHAT = '/v1/chat/completions'
const COMPLETIONS = '/v1/completions'
const messages = [{ role: 'user', content: 'Hi' }]
const chat = (rest: object) => ({ messages, max_tokens: 1, ...rest })
const completion = (rest: object) => ({ prompt: 'Hi', max_tokens: 1, ...rest })

/** One entry more than may be. */
function many(): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [i, 1])))
}

async function refusal(path: string, body: unknown, init?: RequestInit) {
  const response = await mock.post(path, body, init)
  const { error } = (await response.json()) as { error: Record<string, unknown> }
  expect(response.headers.get('content-type')).toBe('application/json')
  return { status: response.status, ...error }
}

describe('400, with the field and a sentence', () => {
  test.each<[string, object, string | null, string]>([
    [CHAT, [], null, 'the body must be a JSON object'],
    [CHAT, {}, 'messages', 'messages must be a list of messages'],
    [CHAT, { messages: 'Hi' }, 'messages', 'messages must be a list of messages'],
    [CHAT, { messages: [] }, 'messages', 'messages must not be empty'],
    [CHAT, { messages: ['Hi'] }, 'messages[0]', 'messages[0] must be an object with role and content'],
    [
      CHAT,
      { messages: [{ role: 'robot', content: 'Hi' }] },
      'messages[0].role',
      'messages[0].role must be one of system, developer, user, assistant, tool',
    ],
    [
      CHAT,
      { messages: [...messages, { role: 'user' }] },
      'messages[1].content',
      'messages[1].content must be a string, got undefined',
    ],
    [
      CHAT,
      { messages: [{ role: 'user', content: 5 }] },
      'messages[0].content',
      'messages[0].content must be a string or a list of parts, each with a type',
    ],
    [
      CHAT,
      { messages: [{ role: 'user', content: '\ud800' }] },
      'messages[0].content',
      'messages[0].content holds half of a surrogate pair, which is no Unicode text',
    ],
    [CHAT, chat({ temperature: '1' }), 'temperature', 'temperature must be a number'],
    [CHAT, chat({ temperature: 11 }), 'temperature', 'temperature must be a number from 0 to 10, got 11'],
    [CHAT, chat({ top_p: 0 }), 'top_p', 'top_p must be a number above 0 and at most 1, got 0'],
    [CHAT, chat({ top_k: 1.5 }), 'top_k', 'top_k must be a whole number of at least 0, got 1.5'],
    [CHAT, chat({ max_tokens: -1 }), 'max_tokens', 'max_tokens must be a whole number of at least 0, got -1'],
    [
      CHAT,
      chat({ max_completion_tokens: -1 }),
      'max_completion_tokens',
      'max_completion_tokens must be a whole number of at least 0, got -1',
    ],
    [CHAT, chat({ min_tokens: 2 }), 'min_tokens', 'min_tokens must not exceed the 1 tokens asked for at most, got 2'],
    [CHAT, chat({ n: 17 }), 'n', 'n must be a whole number from 1 to 16, got 17'],
    [CHAT, chat({ stop: [1] }), 'stop', 'stop must be a string or a list of strings'],
    [CHAT, chat({ stop: '' }), 'stop[0]', 'stop[0] must not be empty'],
    [CHAT, chat({ stop: Array(17).fill('x') }), 'stop', 'stop must have at most 16 entries, got 17'],
    [
      CHAT,
      chat({ stop_token_ids: [1000] }),
      'stop_token_ids[0]',
      'stop_token_ids[0] must be a token id from 0 to 999, got 1000',
    ],
    [
      CHAT,
      chat({ logit_bias: { x: 1 } }),
      'logit_bias',
      'logit_bias must have token ids from 0 to 999 as keys, got "x"',
    ],
    [CHAT, chat({ logit_bias: [] }), 'logit_bias', 'logit_bias must map token ids to numbers'],
    [CHAT, chat({ top_logprobs: 2 }), 'top_logprobs', 'top_logprobs needs logprobs to be true, since it adds to them'],
    [CHAT, chat({ logprobs: 2 }), 'logprobs', 'logprobs must be true or false'],
    [CHAT, chat({ seed: -2 }), 'seed', 'seed must be a whole number of at least 0, got -2'],
    [CHAT, chat({ stream: 'yes' }), 'stream', 'stream must be true or false'],
    [CHAT, chat({ stream_options: true }), 'stream_options', 'stream_options must be an object'],
    [
      CHAT,
      chat({ stream_options: { include_usage: 1 } }),
      'stream_options.include_usage',
      'stream_options.include_usage must be true or false',
    ],
    [CHAT, chat({ chat_template_kwargs: 1 }), 'chat_template_kwargs', 'chat_template_kwargs must be an object'],
    [CHAT, chat({ model: 5 }), 'model', 'model must be a string'],
    [CHAT, chat({ priority: 'high' }), 'priority', 'priority must be a number'],
    [COMPLETIONS, {}, 'prompt', 'prompt must be a string, a list of token ids, or a list of either'],
    [COMPLETIONS, { prompt: '' }, 'prompt', 'prompt must not be empty'],
    [COMPLETIONS, { prompt: [] }, 'prompt', 'prompt must not be empty'],
    [COMPLETIONS, { prompt: ['a', 5] }, 'prompt[1]', 'prompt[1] must be a string or a list of token ids'],
    [COMPLETIONS, { prompt: ['a', ''] }, 'prompt[1]', 'prompt[1] must not be empty'],
    [COMPLETIONS, { prompt: [1, 'a'] }, 'prompt[1]', 'prompt[1] must be a token id from 0 to 999, got "a"'],
    [
      COMPLETIONS,
      { prompt: ['a', [1, 1000]] },
      'prompt[1][1]',
      'prompt[1][1] must be a token id from 0 to 999, got 1000',
    ],
    [COMPLETIONS, { prompt: Array(129).fill('a') }, 'prompt', 'prompt must have at most 128 entries, got 129'],
    [COMPLETIONS, completion({ logprobs: 21 }), 'logprobs', 'logprobs must be a whole number from 0 to 20, got 21'],
    ['/generate', { prompt: ['a'] }, 'prompt', 'prompt must be a string or a list of token ids'],
  ])('%s %j', async (path, body, param, message) => {
    const expected = { status: 400, type: 'invalid_request_error', code: 'invalid_request', param, message }
    expect(await refusal(path, body)).toEqual(expected)
    if (!Array.isArray(body))
      expect(await refusal(path, { ...{ stream: path !== '/generate' }, ...body })).toEqual(expected)
  })

  test.each<[string, string, string, string]>([
    ['1e400', '"temperature":1e400', 'temperature', 'must be a number'],
    ['1e400', '"max_tokens":1e400', 'max_tokens', 'must be a number'],
    ['−1e400', '"priority":-1e400', 'priority', 'must be a number'],
    ['1e400', '"logit_bias":{"5":1e400}', 'logit_bias.5', 'must be a number'],
    ['a fraction', '"max_tokens":1.5', 'max_tokens', 'must be a whole number of at least 0, got 1.5'],
    ['a fraction', '"n":1.5', 'n', 'must be a whole number from 1 to 16, got 1.5'],
    ['a fraction', '"seed":1.5', 'seed', 'must be a whole number of at least 0, got 1.5'],
    ['too few', '"n":0', 'n', 'must be a whole number from 1 to 16, got 0'],
    ['too many', '"logprobs":true,"top_logprobs":21', 'top_logprobs', 'must be a whole number from 0 to 20, got 21'],
    ['too long', `"stop":"${'x'.repeat(257)}"`, 'stop[0]', 'must have at most 256 bytes, got 257'],
    ['too long', `"stop":"${'é'.repeat(129)}"`, 'stop[0]', 'must have at most 256 bytes, got 258'],
    ['too long', `"cache_salt":"${'x'.repeat(129)}"`, 'cache_salt', 'must have at most 128 characters'],
    ['half a pair', '"stop":"\\ud800"', 'stop[0]', 'holds half of a surrogate pair, which is no Unicode text'],
    ['half a pair', '"cache_salt":"\\udc00"', 'cache_salt', 'holds half of a surrogate pair, which is no Unicode text'],
    ['no token', '"logit_bias":{"-1":1}', 'logit_bias', 'must have token ids from 0 to 999 as keys, got "-1"'],
    ['no token', '"logit_bias":{"1e2":1}', 'logit_bias', 'must have token ids from 0 to 999 as keys, got "1e2"'],
    ['too much', '"logit_bias":{"5":101}', 'logit_bias[5]', 'must be a number from -100 to 100, got 101'],
    ['too many', `"logit_bias":${many()}`, 'logit_bias', 'must have at most 1024 entries, got 1025'],
    [
      'too many',
      `"stop_token_ids":[${'1,'.repeat(1024)}1]`,
      'stop_token_ids',
      'must have at most 1024 entries, got 1025',
    ],
  ])('%s: %.40s', async (_, field, param, complaint) => {
    const message = `${param} ${complaint}`
    const expected = { status: 400, type: 'invalid_request_error', code: 'invalid_request', param, message }
    expect(await refusal(CHAT, `{"messages":[{"role":"user","content":"Hi"}],${field}}`)).toEqual(expected)
  })

  test.each<[string, string]>([
    ['[-1]', 'prompt[0] must be a token id from 0 to 999, got -1'],
    ['[1.5]', 'prompt[0] must be a token id from 0 to 999, got 1.5'],
    ['[1e400]', 'prompt[0] must be a token id from 0 to 999, got Infinity'],
    ['["a",[1,-1]]', 'prompt[1][1] must be a token id from 0 to 999, got -1'],
    ['"\\ud83d"', 'prompt holds half of a surrogate pair, which is no Unicode text'],
    ['[[]]', 'prompt[0] must be a string or a list of token ids'],
    ['[[[1]]]', 'prompt[0] must be a string or a list of token ids'],
    ['null', 'prompt must be a string, a list of token ids, or a list of either'],
    ['{"length":1}', 'prompt must be a string, a list of token ids, or a list of either'],
  ])('a prompt %s', async (prompt, message) => {
    expect(await refusal(COMPLETIONS, `{"prompt":${prompt}}`)).toMatchObject({ status: 400, message })
  })

  test.each<[object, string]>([
    [Array(1025).fill(messages[0]), 'messages must have at most 1024 entries, got 1025'],
    [{ length: 1 }, 'messages must be a list of messages'],
    [
      [{ role: 'user', content: 'a', name: '\ud800' }],
      'messages[0].name holds half of a surrogate pair, which is no Unicode text',
    ],
    [[{ role: 'user', content: [{ type: 'text' }] }], 'messages[0].content[0].text must be a string'],
    [[{ role: 'user', content: [{ type: 'text', text: 5 }] }], 'messages[0].content[0].text must be a string'],
  ])('messages %.80j', async (messages, message) => {
    expect(await refusal(CHAT, { messages })).toMatchObject({ status: 400, message })
  })

  test.each([
    ['', 'is empty'],
    ['{', 'is not valid JSON'],
    ['{"a":1e400,}', 'is not valid JSON'],
    ['['.repeat(65) + ']'.repeat(65), 'nests deeper than 64'],
    [`{"a":${'['.repeat(100_000)}`, 'nests deeper than 64'],
  ])('a body %.20j', async (body, complaint) => {
    expect(await refusal(CHAT, body)).toEqual({
      status: 400,
      type: 'invalid_request_error',
      code: 'invalid_json',
      param: null,
      message: `the body ${complaint}`,
    })
  })

  test('a number beyond all numbers is none', async () => {
    const body = '{"messages":[{"role":"user","content":"Hi"}],"temperature":1e400}'
    expect(await refusal(CHAT, body)).toMatchObject({ status: 400, param: 'temperature' })
  })

  test('brackets in strings do not nest', async () => {
    const content = `"\\${'['.repeat(100)}`
    expect((await mock.post(CHAT, { messages: [{ role: 'user', content }], max_tokens: 1 })).status).toBe(200)
  })

  test('bytes that are no UTF-8', async () => {
    expect(await refusal(CHAT, undefined, { body: Buffer.from([0x7b, 0x22, 0xff, 0x22]) })).toMatchObject({
      status: 400,
      message: 'the body is not UTF-8',
    })
  })
})

describe('a prompt that fills the context is a 400 with both lengths, streamed or not', () => {
  test.each([
    [CHAT, { messages: [{ role: 'user', content: 'word '.repeat(2000) }] }, 2004],
    [COMPLETIONS, { prompt: 'ba '.repeat(1024) }, 1024],
    [COMPLETIONS, { prompt: Array(1024).fill(1) }, 1024],
    ['/generate', { prompt: 'ba '.repeat(1024) }, 1024],
    [COMPLETIONS, { prompt: 'ba '.repeat(10_000) }, 2049],
    ['/completion', { prompt: ['ba ', 1, 'ba '.repeat(10_000)] }, 2049],
    ['/completion', { prompt: Array(10_000).fill(['ba ', 1]).flat() }, 2049],
  ])('%s', async (path, body, promptTokens) => {
    for (const stream of path === '/generate' ? [false] : [true, false]) {
      const error = await refusal(path, { ...body, stream })
      expect(error).toMatchObject({
        status: 400,
        type: 'exceed_context_size_error',
        code: 'context_length_exceeded',
        n_ctx: 1024,
      })
      expect(error).toHaveProperty('n_prompt_tokens', path === CHAT ? expect.any(Number) : promptTokens)
    }
  })
})

describe('501 for what is known and cannot be done', () => {
  test.each<[string, object, string, string]>([
    [CHAT, chat({ tools: [{ type: 'function' }] }), 'tools', 'tools is not supported: the model is not told of tools'],
    [
      CHAT,
      chat({ response_format: { type: 'json_object' } }),
      'response_format',
      'response_format is not supported: output cannot be constrained',
    ],
    [CHAT, chat({ functions: [{}] }), 'functions', 'functions is not supported: the model is not told of tools'],
    [
      CHAT,
      { messages: [{ role: 'assistant', content: null, tool_calls: [{}] }] },
      'messages[0].tool_calls',
      'messages[0].tool_calls is not supported: the model is not told of tools',
    ],
    [
      CHAT,
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'image_url', image_url: {} },
            ],
          },
        ],
      },
      'messages[0].content[1]',
      'messages[0].content[1] has type "image_url": only text is supported',
    ],
    [COMPLETIONS, completion({ echo: true }), 'echo', 'echo is not supported: the prompt is not repeated'],
    [COMPLETIONS, completion({ suffix: 'x' }), 'suffix', 'suffix is not supported: put it into the prompt'],
    [COMPLETIONS, completion({ best_of: 2 }), 'best_of', 'best_of is not supported: ask for n answers and choose'],
    [
      COMPLETIONS,
      completion({ repeat_penalty: 1.1 }),
      'repeat_penalty',
      'repeat_penalty is not supported: it is called repetition_penalty here',
    ],
    ['/generate', { prompt: 'a', stream: true }, 'stream', 'stream is not supported: use /v1/completions'],
  ])('%s %j', async (path, body, param, message) => {
    const expected = { status: 501, type: 'not_supported_error', code: 'unsupported', param, message }
    expect(await refusal(path, body)).toEqual(expected)
  })
})

describe('let through', () => {
  test.each<[string, object]>([
    [CHAT, chat({ whatever: { deep: [1] }, user: 'me', metadata: {}, service_tier: 'auto' })],
    [CHAT, chat({ model: 'gpt-4', stop: null, tools: [], response_format: { type: 'text' }, logprobs: null })],
    [CHAT, chat({ top_k: -1, seed: -1, stop: ['a', 'b'], n: 2, priority: -5, ignore_eos: true, min_tokens: 1 })],
    [CHAT, chat({ logit_bias: { 5: -100 }, chat_template_kwargs: { enable_thinking: false } })],
    [CHAT, { messages: [{ role: 'developer', content: [{ type: 'text', text: 'a' }] }, ...messages], max_tokens: 1 }],
    [CHAT, { messages: [...messages, { role: 'tool', content: '5', tool_call_id: 'x' }], max_tokens: 0 }],
    [COMPLETIONS, completion({ echo: false, suffix: '', best_of: 1, logprobs: 0 })],
    [COMPLETIONS, { prompt: ['a', [1, 2, 3]], max_tokens: 1, n: 2 }],
    ['/generate', { prompt: [1, 2, 3], max_tokens: 1, stream: false }],
  ])('%s %j', async (path, body) => {
    expect((await mock.post(path, body)).status).toBe(200)
  })

  test('__proto__ is a field like any other', async () => {
    const body = '{"messages":[{"role":"user","content":"Hi"}],"max_tokens":1,"__proto__":{"n":99}}'
    expect((await mock.post(CHAT, body)).status).toBe(200)
  })
})

describe('routes', () => {
  test.each([
    ['GET', CHAT, 405, 'POST'],
    ['DELETE', COMPLETIONS, 405, 'POST'],
    ['OPTIONS', '/generate', 204, 'POST, OPTIONS'],
    ['POST', '/health', 405, 'GET, HEAD'],
    ['PUT', '/v1/models', 405, 'GET, HEAD'],
    ['POST', '/v1/models/mock', 405, 'GET, HEAD'],
    ['POST', '/v1/embeddings', 501, null],
    ['GET', '/v1/models/', 404, null],
    ['GET', '/v1/models/other', 404, null],
    ['GET', '/v1/models/mock', 200, null],
    ['GET', '/v1/models', 200, null],
    ['HEAD', '/health', 200, null],
  ])('%s %s is %i', async (method, path, status, allow) => {
    const response = await fetch(mock.server.url + path, { method })
    expect(response.status).toBe(status)
    expect(response.headers.get('allow')).toBe(allow)
    if (method !== 'HEAD' && status !== 204)
      expect(await response.json()).toHaveProperty(status === 200 ? 'object' : 'error.message')
  })

  test.each([
    [{ 'Content-Type': 'text/plain' }, 'send the body as Content-Type: application/json, not text/plain'],
    [{ 'Content-Type': '' }, 'send the body as Content-Type: application/json'],
    [{ 'Content-Type': 'application/json; charset=latin1' }, 'send the body as UTF-8'],
    [{ 'Content-Encoding': 'gzip' }, 'send the body without Content-Encoding: compressed bodies are not read'],
  ])('415 for %j', async (headers, message) => {
    expect(await refusal(CHAT, chat({}), { headers })).toMatchObject({ status: 415, message })
  })

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json'])(
    '%s is fine',
    async type => {
      expect((await mock.post(CHAT, chat({}), { headers: { 'Content-Type': type } })).status).toBe(200)
    },
  )
})

describe('X-Request-Id', () => {
  test.each([
    ['abc-123', 'abc-123'],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), expect.stringMatching(/^req-[0-9a-f-]{36}$/)],
    ['with space', expect.stringMatching(/^req-/)],
    ['', expect.stringMatching(/^req-/)],
  ])('%.20s', async (given, expected) => {
    for (const [path, body] of [
      [CHAT, chat({})],
      [CHAT, chat({ stream: true })],
      [CHAT, {}],
      ['/nowhere', {}],
    ] as const) {
      const response = await mock.post(path, body, { headers: { 'X-Request-Id': given } })
      expect(response.headers.get('x-request-id')).toEqual(expected)
      await response.text()
    }
  })
})
