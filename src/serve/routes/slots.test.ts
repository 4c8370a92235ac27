import { expect, test, vi } from 'vitest'
import { done, scriptedEngine, start, tokens } from '../../../test/scripted-engine.ts'
import { serveMock } from '../../../test/serve-mock.ts'
import type { Event } from '../../engine/index.ts'
import { serve } from '../index.ts'

const idle = { n_ctx: 100, speculative: false, is_processing: false }

/** A server whose engine says two tokens, and the end when it is let go. */
async function holding(maxSequences: number) {
  let letGo = () => {}
  const released = new Promise<void>(resolve => {
    letGo = resolve
  })
  const engine = scriptedEngine(
    async function* (): AsyncGenerator<Event> {
      yield* [start, tokens('secret', [1, 2])]
      await released
      yield done(2)
    },
    { maxSequences },
  )
  const server = await serve({ engine, port: 0 })
  const slots = (query = '') => fetch(`${server.url}/slots${query}`)
  const ask = (n: number, id: string) =>
    fetch(`${server.url}/v1/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Request-Id': id },
      body: JSON.stringify({ prompt: 'secret', n }),
    })
  return { server, slots, ask, letGo }
}

test('tells who holds which slot and how far it is, and nothing of what is said', async () => {
  const { server, slots, ask, letGo } = await holding(3)
  const running = ask(2, 'mine')
  const seen = await vi.waitFor(async () => {
    const text = await (await slots()).text()
    expect(text).toContain('"n_decoded":2')
    return text
  })
  const busy = {
    n_ctx: 100,
    speculative: false,
    is_processing: true,
    request_id: 'mine',
    route: '/v1/completions',
    tenant: 'everybody',
    sequences: 2,
    n_prompt_tokens: 6,
    n_prompt_tokens_cache: 2,
    age_ms: expect.any(Number),
    first_token_ms: expect.any(Number),
    next_token: [{ has_next_token: true, n_decoded: 2 }],
  }
  expect(JSON.parse(seen)).toEqual([
    { id: 0, ...busy },
    { id: 1, ...busy },
    { id: 2, ...idle },
  ])
  expect(seen).not.toContain('secret')
  // One of three is free.
  expect((await slots('?fail_on_no_slot=1')).status).toBe(200)
  letGo()
  await (await running).text()
  await vi.waitFor(async () => expect(await (await slots()).json()).toEqual([0, 1, 2].map(id => ({ id, ...idle }))))
  await server.close()
})

test('fail_on_no_slot is 503 while every slot is busy, and only then', async () => {
  const { server, slots, ask, letGo } = await holding(2)
  expect((await slots('?fail_on_no_slot=1')).status).toBe(200)
  const running = ask(2, 'mine')
  const response = await vi.waitFor(async () => {
    const response = await slots('?fail_on_no_slot=1')
    expect(response.status).toBe(503)
    return response
  })
  expect(await response.json()).toEqual({
    error: { message: 'no slot is free', type: 'unavailable_error', param: null, code: 'no_slot' },
  })
  expect((await slots('?fail_on_no_slot=0')).status).toBe(200)
  letGo()
  await (await running).text()
  await vi.waitFor(async () => expect((await slots('?fail_on_no_slot=1')).status).toBe(200))
  await server.close()
})

test('/props tells what clients read there', async () => {
  await using mock = await serveMock({ slots: 5 }, { model: 'org/ember' })
  expect(await (await fetch(`${mock.server.url}/props`)).json()).toMatchObject({
    default_generation_settings: { n_ctx: 1024, params: { temperature: 1, n_predict: -1, seed: -1 } },
    total_slots: 5,
    model_alias: 'org/ember',
    chat_template: expect.stringContaining('{% for message in messages %}'),
    modalities: { vision: false },
    build_info: expect.stringMatching(/^warpline-\d/),
    is_sleeping: false,
  })
})
