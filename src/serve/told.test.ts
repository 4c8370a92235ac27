import { afterEach, describe, expect, test } from 'vitest'
import { done, saying, scriptedEngine, start, tokens } from '../../test/scripted-engine.ts'
import { serveMock } from '../../test/serve-mock.ts'
import type { Timeline } from '../engine/index.ts'
import { type Server, serve } from './index.ts'

let server: Server
afterEach(() => server.close())

const SCRIPT = saying(start, tokens('He', [1]), tokens('llo', [2, 3]), tokens('', [4]), done())
const chat = { messages: [{ role: 'user', content: 'Hi' }] }

async function post(path: string, body: object): Promise<Response> {
  server = await serve({ engine: scriptedEngine(SCRIPT), port: 0 })
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

interface Chunk {
  readonly choices: readonly { readonly token_ids?: number[]; readonly prompt_token_ids?: number[] }[]
  readonly prompt_token_ids?: number[]
  readonly timeline?: Timeline
  readonly usage?: { readonly completion_tokens: number; readonly prompt_tokens: number }
  readonly timings?: { readonly predicted_n: number; readonly predicted_ms: number }
}

async function chunks(path: string, body: object): Promise<Chunk[]> {
  const text = await (await post(path, { ...body, stream: true })).text()
  expect(text).toMatch(/\n\ndata: \[DONE\]\n\n$/)
  return text.match(/(?<=^data: )\{.*\}$/gm)!.map(json => JSON.parse(json))
}

describe('timings', () => {
  const TIMINGS = {
    cache_n: 2,
    prompt_n: 3,
    prompt_ms: 1,
    prompt_per_token_ms: 1 / 3,
    prompt_per_second: 3000,
    predicted_n: 3,
    predicted_ms: 2,
    predicted_per_token_ms: 2 / 3,
    predicted_per_second: 1500,
  }

  test.each(['timings', 'timings_per_token'])('%s: beside a whole answer, as the engine measured it', async field => {
    for (const [path, body] of [
      ['/v1/chat/completions', chat],
      ['/v1/completions', { prompt: 'Hi' }],
    ] as const) {
      expect(await (await post(path, { ...body, [field]: true })).json()).toMatchObject({ timings: TIMINGS })
      await server.close()
    }
  })

  test('timings: of a stream, its last choice chunk alone has them', async () => {
    const all = await chunks('/v1/chat/completions', {
      ...chat,
      timings: true,
      stream_options: { include_usage: true },
    })
    const [usage, last, ...others] = all.reverse()
    expect(last!.timings).toEqual(TIMINGS)
    for (const chunk of [usage!, ...others]) expect(chunk).not.toHaveProperty('timings')
  })

  test('timings_per_token: in each chunk, as far as it has come', async () => {
    const all = await chunks('/v1/chat/completions', { ...chat, timings_per_token: true })
    expect(all.map(({ timings }) => timings!.predicted_n)).toEqual([0, 1, 3, 3])
    expect(all.at(-1)!.timings).toEqual(TIMINGS)
    for (const { timings } of all) expect(timings!.predicted_ms).toBeGreaterThanOrEqual(0)
  })

  test('unasked, there are none', async () => {
    expect(await (await post('/v1/chat/completions', chat)).json()).not.toHaveProperty('timings')
  })
})

describe('timeline', () => {
  const asked = { timeline: true }

  test.each([
    ['/v1/chat/completions', chat],
    ['/v1/completions', { prompt: 'Hi' }],
    ['/completion', { prompt: 'Hi' }],
    ['/generate', { prompt: 'Hi' }],
  ])('%s: beside a whole answer, in order', async (path, body) => {
    const reply = (await (await post(path, { ...body, ...asked })).json()) as Chunk
    inOrder(reply.timeline!)
    saysAll(reply.timeline!)
    await server.close()
    expect(await (await post(path, body)).json()).not.toHaveProperty('timeline')
  })

  test.each([
    ['/v1/chat/completions', { ...chat, stream_options: { include_usage: true } }, 'usage'],
    ['/v1/chat/completions', chat, 'choices'],
    ['/v1/completions', { prompt: ['Hi', 'Ho'], n: 2 }, 'choices'],
    ['/completion', { prompt: 'Hi' }, 'stop_type'],
    ['/completion', { prompt: 'Hi', response_fields: ['absent'] }, 'timeline'],
  ])('%s: the last chunk of a stream alone has it', async (path, body, has) => {
    const text = await (await post(path, { ...body, ...asked, stream: true })).text()
    const all = text.match(/(?<=^data: )\{.*\}$/gm)!.map(json => JSON.parse(json) as Chunk)
    const last = all.pop()!
    expect(last).toHaveProperty(has)
    inOrder(last.timeline!)
    saysAll(last.timeline!, path === '/v1/completions' ? 2 : 1)
    for (const chunk of all) expect(chunk).not.toHaveProperty('timeline')
  })

  test('of an engine that takes its time, it has the engine’s own wait and prefill in it', async () => {
    await using mock = await serveMock({ ttftMs: 5, itlMs: 2, slots: 1 })
    const body = { prompt: 'Hi', max_tokens: 4, ignore_eos: true, ...asked, timings: true }
    // The second waits in the engine until the first is through.
    const replies = [mock.post('/v1/completions', body), mock.post('/v1/completions', body)]
    for (const reply of await Promise.all(replies)) {
      const { timeline, timings } = (await reply.json()) as Required<Chunk>
      const { admittedAt, startedAt, tokensAt, tokens, endedAt } = timeline
      inOrder(timeline)
      expect(tokens.reduce((sum, count) => sum + count, 0)).toBe(4)
      // No timer fires early; a µs for the rounding of each.
      expect(tokensAt[0]! - startedAt).toBeGreaterThanOrEqual(5 - 0.002)
      expect(endedAt - tokensAt[0]!).toBeGreaterThanOrEqual(0)
      expect(timings.predicted_n).toBe(4)
      expect(startedAt).toBeGreaterThanOrEqual(admittedAt)
    }
  })

  test('of several answers in a list, the last has it', async () => {
    const reply = (await (await post('/completion', { prompt: ['Hi', 'Ho'], ...asked })).json()) as Chunk[]
    expect(reply[0]).not.toHaveProperty('timeline')
    inOrder(reply[1]!.timeline!)
    saysAll(reply[1]!.timeline!, 2)
  })

  function inOrder({ queuedAt, admittedAt, startedAt, tokensAt, tokens, endedAt }: Timeline): void {
    const moments = [0, queuedAt, admittedAt, startedAt, ...tokensAt, endedAt]
    expect(moments).toEqual(moments.toSorted((a, b) => a - b))
    expect(tokensAt).toHaveLength(tokens.length)
  }

  /** Of so many times the script. */
  function saysAll({ tokens }: Timeline, times = 1): void {
    const script = Array.from({ length: times }, () => [1, 2, 1])
    expect(tokens.toSorted()).toEqual(script.flat().sort())
  }
})

describe('usage', () => {
  test('continuous_usage_stats: in each chunk, as far as it has come', async () => {
    const stream_options = { include_usage: true, continuous_usage_stats: true }
    const all = await chunks('/v1/completions', { prompt: 'Hi', stream_options })
    expect(all.map(({ usage }) => usage!.completion_tokens)).toEqual([1, 3, 3, 3])
    for (const { usage } of all) expect(usage!.prompt_tokens).toBe(5)
  })

  test('without include_usage it says nothing', async () => {
    const all = await chunks('/v1/completions', { prompt: 'Hi', stream_options: { continuous_usage_stats: true } })
    for (const chunk of all) expect(chunk).not.toHaveProperty('usage')
  })
})

describe('return_token_ids', () => {
  const asked = { return_token_ids: true }

  test('chat, whole and streamed', async () => {
    expect(await (await post('/v1/chat/completions', { ...chat, ...asked })).json()).toMatchObject({
      prompt_token_ids: [1],
      choices: [{ token_ids: [1, 2, 3, 4] }],
    })
    await server.close()
    const all = await chunks('/v1/chat/completions', { ...chat, ...asked })
    expect(all[0]!.prompt_token_ids).toEqual([1])
    // The last token says nothing, and is told all the same.
    expect(all.flatMap(({ choices }) => choices[0]!.token_ids ?? [])).toEqual([1, 2, 3, 4])
  })

  test('completions: the prompt’s, too, with each choice', async () => {
    const body = { prompt: ['a', 'bc'], ...asked }
    const prompts = [[97], [98, 99]]
    expect(await (await post('/v1/completions', body)).json()).toMatchObject({
      choices: prompts.map(prompt_token_ids => ({ prompt_token_ids, token_ids: [1, 2, 3, 4] })),
    })
    await server.close()
    const all = await chunks('/v1/completions', body)
    expect(all.flatMap(({ choices }) => choices.flatMap(({ prompt_token_ids: ids }) => (ids ? [ids] : [])))).toEqual(
      prompts,
    )
  })
})
