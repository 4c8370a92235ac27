import { expect, test, vi } from 'vitest'
import { collect, type Engine } from '../engine/index.ts'
import { openRemote, type RemoteOptions } from './index.ts'
import { type FakeReply, type FakeServer, fakeServer, json, sse, stream } from './testing/fake-server.ts'

vi.stubEnv('WARPLINE_API_KEY', undefined)
vi.stubEnv('OPENAI_API_KEY', undefined)

const messages = [{ role: 'user', content: 'Hi' }] as const
const answer = stream(sse({ choices: [{ index: 0, text: 'a', finish_reason: 'stop' }] }))
const answerOfLlama = stream(
  sse({ content: 'a', tokens: [5], stop: false }),
  sse({ content: '', stop: true, stop_type: 'eos' }),
)

async function opened(owner: string, replies: Readonly<Record<string, FakeReply>>, options: RemoteOptions = {}) {
  const server = await fakeServer({ '/v1/models': { data: [{ id: 'm', owned_by: owner }] }, ...replies })
  const engine = await openRemote(server.url, options)
  return {
    server,
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** What was posted, in order. */
const posted = (server: FakeServer) =>
  server.asked.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, JSON.parse(body) as unknown])

const TEXT = { text: 'Once' }
const BARE = { text: 'Once', addSpecialTokens: false }

test.each<[string, string, (engine: Engine) => Promise<unknown>, unknown, unknown[]]>([
  ['a text', 'llamacpp', it => it.tokenize(TEXT), [1, 2], [['/tokenize', { content: 'Once', add_special: true }]]],
  [
    'a bare text',
    'llamacpp',
    it => it.tokenize(BARE),
    [1, 2],
    [['/tokenize', { content: 'Once', add_special: false }]],
  ],
  [
    'a chat',
    'llamacpp',
    it => it.tokenize({ messages }),
    [1, 2],
    [
      ['/apply-template', { messages }],
      ['/tokenize', { content: 'rendered', add_special: true }],
    ],
  ],
  ['a chat', 'warpline', it => it.tokenize({ messages }), [1, 2], [['/tokenize', { messages }]]],
  [
    'a text',
    'vllm',
    it => it.tokenize(BARE),
    [1, 2],
    [['/tokenize', { model: 'm', prompt: 'Once', add_special_tokens: false }]],
  ],
  ['a chat', 'vllm', it => it.tokenize({ messages }), [1, 2], [['/tokenize', { model: 'm', messages }]]],
  ['token ids', 'vllm', it => it.tokenize({ tokens: [7] }), [7], []],
  ['ids to text', 'vllm', it => it.detokenize([1]), 'in vLLM’s field', [['/detokenize', { model: 'm', tokens: [1] }]]],
  ['ids to text', 'llamacpp', it => it.detokenize([1]), 'in llama.cpp’s', [['/detokenize', { tokens: [1] }]]],
  ['a template', 'warpline', it => it.render({ messages }), 'rendered', [['/apply-template', { messages }]]],
  [
    'a template with variables',
    'warpline',
    it => it.render({ messages, templateOptions: { a: 1 } }),
    'rendered',
    [['/apply-template', { messages, chat_template_kwargs: { a: 1 } }]],
  ],
])('%s, of %s', async (_, owner, ask, result, asked) => {
  await using it = await opened(owner, {
    '/tokenize': { tokens: [1, 2] },
    '/detokenize': { content: 'in llama.cpp’s', prompt: 'in vLLM’s field' },
    '/apply-template': { prompt: 'rendered' },
  })
  expect(await ask(it.engine)).toEqual(result)
  expect(posted(it.server)).toEqual(asked)
})

test('the pieces of ids are asked for as a text that is made of ids', async () => {
  const tokens = [
    { id: 1, piece: ' a' },
    { id: 2, piece: [195] },
  ]
  await using it = await opened('llamacpp', { '/tokenize': { tokens } })
  expect(Buffer.concat(await it.engine.pieces([1, 2]))).toEqual(Buffer.from([32, 97, 195]))
  expect(posted(it.server)).toEqual([['/tokenize', { content: [1, 2], with_pieces: true }]])
  expect(await it.engine.pieces([])).toEqual([])
  await expect(it.engine.pieces([1])).rejects.toMatchObject({ code: 'internal' })
})

test.each<[string, string, (engine: Engine) => Promise<unknown>]>([
  ['no tokenizer', 'openai', it => it.tokenize(TEXT)],
  ['no template', 'vllm', it => it.render({ messages })],
  ['no pieces', 'vllm', it => it.pieces([1])],
  ['a route that is not there', 'vllm', it => it.detokenize([1])],
])('%s', async (_, owner, ask) => {
  await using it = await opened(owner, {})
  await expect(ask(it.engine)).rejects.toMatchObject({ code: 'unsupported' })
})

test('a text that is longer than the limit is refused by what is sure', async () => {
  await using it = await opened('vllm', { '/tokenize': { tokens: [1, 2, 3] } })
  await expect(it.engine.tokenize(TEXT, { limit: 2 })).rejects.toMatchObject({ promptTokens: 3, exact: false })
})

test.each<[string, string, RemoteOptions, Parameters<Engine['generate']>[0]['input'], string]>([
  ['a text that is to stay bare', 'llamacpp', {}, BARE, '/v1/completions'],
  ['a chat for completions', 'warpline', { api: 'completions' }, { messages }, '/v1/completions'],
  ['a chat for llama.cpp’s own route', 'llamacpp', { api: 'llama' }, { messages }, '/completion'],
])('%s becomes token ids first', async (_, owner, options, input, route) => {
  await using it = await opened(
    owner,
    {
      '/tokenize': { tokens: [1, 2] },
      '/apply-template': { prompt: 'rendered' },
      '/v1/completions': answer,
      '/completion': answerOfLlama,
    },
    options,
  )
  const { start, choices } = await collect(it.engine.generate({ input }))
  expect([start.promptTokens, choices[0]!.text]).toEqual([2, 'a'])
  expect(posted(it.server).at(-1)).toEqual([route, expect.objectContaining({ prompt: [1, 2] })])
})

test('a request whose prompt cannot be made into token ids fails as that does', async () => {
  await using it = await opened('llamacpp', { '/tokenize': json(400, { error: { message: 'odd text' } }) })
  await expect(collect(it.engine.generate({ input: BARE }))).rejects.toMatchObject({ message: 'odd text' })
  expect(it.engine.stats()).toMatchObject({ running: 0, requests: 1 })
})
