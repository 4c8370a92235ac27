import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { collect, type Engine, type GenerateRequest } from '../src/engine/index.ts'
import type { MockOptions } from '../src/mock/index.ts'
import type { RemoteOptions } from '../src/remote/index.ts'
import { KeyAccess, keysFrom, type ServeOptions } from '../src/serve/index.ts'
import { openTarget } from '../src/targets.ts'
import { engineConformance } from './engine-conformance.ts'
import { type MockServer, serveMock } from './serve-mock.ts'

vi.stubEnv('WARPLINE_API_KEY', undefined)
vi.stubEnv('OPENAI_API_KEY', undefined)

interface Opened extends AsyncDisposable {
  readonly served: MockServer
  readonly engine: Engine
}

/** Our own server over a mock engine, and a client of it. */
async function overHttp(
  remote: RemoteOptions = {},
  options: Partial<ServeOptions> = {},
  mock: MockOptions = { ttftMs: 2, slots: 8 },
): Promise<Opened> {
  const served = await serveMock(mock, options)
  const engine = await openTarget(served.server.url, { remote })
  return {
    served,
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close()
      await served[Symbol.asyncDispose]()
    },
  }
}

engineConformance(
  'remote',
  async () => {
    const opened = await overHttp()
    const close = opened.engine.close.bind(opened.engine)
    // The suite closes the engine; its server goes with it.
    return Object.assign(opened.engine, {
      async close() {
        await close()
        await opened.served[Symbol.asyncDispose]()
      },
    })
  },
  { elsewhere: true },
)

const request: GenerateRequest = {
  input: { text: 'Once upon a time' },
  sampling: { seed: 1, maxTokens: 8, ignoreEos: true },
}

describe('a warpline elsewhere', () => {
  test.each<[string, RemoteOptions]>([
    ['whole', { streaming: false }],
    ['by llama.cpp’s route', { api: 'llama' }],
    ['whole, by llama.cpp’s route', { api: 'llama', streaming: false }],
    ['by one connection', { connections: 1 }],
  ])('answers %s as it does in process', async (_, options) => {
    await using it = await overHttp(options)
    const [inProcess, remote] = await Promise.all([
      collect(it.served.engine.generate(request)),
      collect(it.engine.generate(request)),
    ])
    expect(remote.choices).toEqual(inProcess.choices)
    expect(remote.done).toMatchObject({
      choices: inProcess.done.choices,
      usage: { promptTokens: 4, completionTokens: 8 },
    })
    expect(remote.done.timings.prefillMs).toBeGreaterThan(0)
    expect(remote.done.timings.decodeMs).toBeGreaterThan(0)
  })

  test.each<[string, RemoteOptions]>([
    ['streamed', {}],
    ['whole', { streaming: false }],
    ['by llama.cpp’s route', { api: 'llama' }],
  ])('tells its timeline where it is asked: %s', async (_, options) => {
    await using it = await overHttp(options)
    const { done } = await collect(it.engine.generate({ ...request, timeline: true }))
    const { queuedAt, admittedAt, startedAt, tokensAt, tokens, endedAt } = done.timeline!
    const moments = [0, queuedAt, admittedAt, startedAt, ...tokensAt, endedAt]
    expect(moments).toEqual([...moments].sort((a, b) => a - b))
    expect(tokens.reduce((sum, count) => sum + count, 0)).toBe(8)
    expect((await collect(it.engine.generate(request))).done.timeline).toBeUndefined()
  })

  test('sees the id of a request, and that it was given up', async () => {
    await using it = await overHttp()
    const generate = vi.spyOn(it.served.engine, 'generate')
    for await (const event of it.engine.generate({ ...request, id: 'r-1', priority: 3, sampling: { maxTokens: 200 } }))
      if (event.type === 'tokens') break
    expect(generate.mock.calls[0]![0]).toMatchObject({ id: 'r-1', priority: 3 })
    await vi.waitFor(() => expect(it.served.engine.stats()).toMatchObject({ running: 0, waiting: 0 }), {
      timeout: 10_000,
    })
    expect(it.served.engine.stats().generatedTokens).toBeLessThan(200)
  })

  test('wants its key', async () => {
    await using served = await serveMock({}, { access: new KeyAccess(keysFrom('the-right-key-0123456789')) })
    const open = (apiKey?: string) => openTarget(served.server.url, { remote: apiKey === undefined ? {} : { apiKey } })
    await expect(open()).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(open('a-wrong-key-0123456789')).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.not.stringContaining('a-wrong-key'),
    })
    await using engine = await open('the-right-key-0123456789')
    expect((await collect(engine.generate(request))).choices[0]!.ids).toHaveLength(8)
  })

  test('whose certificate nobody vouches for is not spoken to, nor TLS where there is none', async () => {
    const pem = (name: string) => readFileSync(new URL(`fixtures/tls/first.${name}.pem`, import.meta.url))
    await using secure = await serveMock({}, { tls: { cert: pem('cert'), key: pem('key') } })
    await expect(openTarget(secure.server.url)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/: its certificate is not trusted: .* \(\w*(SELF_SIGNED|UNABLE)\w*\)$/),
    })
    await using plain = await serveMock()
    await expect(openTarget(plain.server.url.replace('http:', 'https:'))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('it speaks no TLS: try http://'),
    })
  })

  test('that is too busy says when to come back', async () => {
    await using it = await overHttp({}, { queueTokens: 1 }, { slots: 1, ttftMs: 600_000 })
    // Whoever is let in stays there; the first of those who are not is told.
    const answers = Array.from({ length: 8 }, () => collect(it.engine.generate(request)))
    for (const answer of answers) answer.catch(() => undefined)
    await expect(Promise.race(answers)).rejects.toMatchObject({
      code: 'overloaded',
      retryAfterMs: expect.any(Number),
    })
  })
})
