import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { saying, scriptedEngine } from '../../../test/scripted-engine.ts'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'
import { serve } from '../index.ts'

let mock: MockServer
beforeAll(async () => {
  mock = await serveMock({ vocabSize: 1000 })
})
afterAll(() => mock[Symbol.asyncDispose]())

async function ask(path: string, body: object): Promise<unknown> {
  const response = await mock.post(path, body)
  expect(response.status).toBe(200)
  return response.json()
}

const messages = [{ role: 'user', content: 'ba be' }]
const rest = { max_model_len: 1024, token_strs: null }

describe('/tokenize', () => {
  test.each<[object, object]>([
    [{ content: 'ba be' }, { count: 2, tokens: [0, 1] }],
    [{ content: '' }, { count: 0, tokens: [] }],
    [{ content: ['ba', 7, '', 'be'] }, { count: 3, tokens: [0, 7, 1] }],
    [{ content: [] }, { count: 0, tokens: [] }],
    [
      { content: 'ba', add_special: true, parse_special: true },
      { count: 1, tokens: [0] },
    ],
    [
      { prompt: 'ba be', model: 'any' },
      { count: 2, tokens: [0, 1] },
    ],
    [
      { prompt: 'ba be', return_token_strs: true },
      { count: 2, tokens: [0, 1], token_strs: [' ba', ' be'] },
    ],
    [
      { content: 'ba be', with_pieces: true },
      {
        count: 2,
        tokens: [
          { id: 0, piece: ' ba' },
          { id: 1, piece: ' be' },
        ],
      },
    ],
  ])('%j', async (body, expected) => {
    expect(await ask('/tokenize', body)).toEqual({ ...rest, ...expected })
  })

  test('a chat costs what it costs to answer', async () => {
    const { count } = (await ask('/tokenize', { messages })) as { count: number }
    expect(await ask('/v1/chat/completions', { messages, max_tokens: 1 })).toMatchObject({
      usage: { prompt_tokens: count },
    })
  })

  test('ids become the same text again', async () => {
    const { tokens } = (await ask('/tokenize', { content: 'ba be bi' })) as { tokens: number[] }
    expect(await ask('/detokenize', { tokens })).toEqual({ content: ' ba be bi', prompt: ' ba be bi' })
  })

  test('a piece that is no whole character is told in bytes, and special tokens where they are wanted', async () => {
    const seen: unknown[] = []
    const engine = {
      ...scriptedEngine(saying()),
      tokenize: async (input: unknown) => {
        seen.push(input)
        return [5, 6]
      },
      pieces: async () => [Buffer.from('a'), Uint8Array.of(0xc3)],
    }
    const server = await serve({ engine, port: 0 })
    const tokenize = (body: object) =>
      fetch(`${server.url}/tokenize`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    const response = await tokenize({ content: 'á', with_pieces: true, return_token_strs: true })
    expect(await response.json()).toMatchObject({
      tokens: [
        { id: 5, piece: 'a' },
        { id: 6, piece: [195] },
      ],
      token_strs: ['a', '\ufffd'],
    })
    await tokenize({ content: 'a', add_special: true })
    await tokenize({ content: ['a', 1, 'b'], add_special: true })
    await tokenize({ prompt: 'a' })
    await tokenize({ prompt: 'a', add_special_tokens: false })
    expect(seen.map(input => (input as { addSpecialTokens: boolean }).addSpecialTokens)).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
    ])
    await server.close()
  })
})

test('/apply-template gives the text of a chat', async () => {
  expect(await ask('/apply-template', { messages, chat_template_kwargs: {} })).toEqual({
    prompt: 'user: ba be\nassistant:',
  })
})

describe('refused', () => {
  const ONE = 'content, prompt or messages must be given, one of them'

  test.each<[string, object, number, string, string]>([
    ['/tokenize', {}, 400, 'content', ONE],
    ['/tokenize', { content: 'a', prompt: 'a' }, 400, 'content', ONE],
    ['/tokenize', { content: 5 }, 400, 'content', 'content must be a string or a list of strings and token ids'],
    ['/tokenize', { content: [1, {}] }, 400, 'content[1]', 'content[1] must be a string or a token id'],
    ['/tokenize', { content: [1000] }, 400, 'content[0]', 'content[0] must be a token id from 0 to 999, got 1000'],
    ['/tokenize', { prompt: '' }, 400, 'prompt', 'prompt must not be empty'],
    ['/tokenize', { prompt: ['a'] }, 400, 'prompt', 'prompt must be a string'],
    [
      '/tokenize',
      { prompt: '\ud800' },
      400,
      'prompt',
      'prompt holds half of a surrogate pair, which is no Unicode text',
    ],
    ['/tokenize', { messages: [] }, 400, 'messages', 'messages must not be empty'],
    [
      '/tokenize',
      { messages: [{ role: 'user' }] },
      400,
      'messages[0].content',
      'messages[0].content must be a string, got undefined',
    ],
    [
      '/tokenize',
      { content: 'x'.repeat(2 ** 18 + 1) },
      400,
      'content',
      'content must have at most 262144 characters, got 262145',
    ],
    [
      '/tokenize',
      { content: ['x'.repeat(2 ** 18), 1] },
      400,
      'content',
      'content must have at most 262144 characters, got 262145',
    ],
    [
      '/tokenize',
      { content: 'a', parse_special: false },
      501,
      'parse_special',
      'parse_special is not supported: what looks like a special token is one',
    ],
    [
      '/tokenize',
      { messages, add_generation_prompt: false },
      501,
      'add_generation_prompt',
      'add_generation_prompt is not supported: use /v1/completions with the whole text',
    ],
    ['/detokenize', {}, 400, 'tokens', 'tokens must be a list of token ids'],
    ['/detokenize', { tokens: ['a'] }, 400, 'tokens[0]', 'tokens[0] must be a token id'],
    ['/detokenize', { tokens: [1, 1000] }, 400, 'tokens[1]', 'tokens[1] must be a token id from 0 to 999, got 1000'],
    ['/detokenize', { tokens: Array(2 ** 18 + 1).fill(1) }, 400, 'tokens', 'tokens must have at most 262144 entries'],
    ['/apply-template', {}, 400, 'messages', 'messages must be a list of messages'],
    [
      '/apply-template',
      { messages, tools: [{}] },
      501,
      'tools',
      'tools is not supported: the model is not told of tools',
    ],
  ])('%s %.60j', async (path, body, status, param, message) => {
    const response = await mock.post(path, body)
    expect(await response.json()).toMatchObject({ error: { param, message } })
    expect(response.status).toBe(status)
  })
})
