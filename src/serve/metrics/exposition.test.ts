import { describe, expect, test, vi } from 'vitest'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'
import { createMockEngine } from '../../mock/index.ts'
import { type HistogramSample, type NumberSample, type ProcessMetrics, parseExposition } from '../../telemetry/index.ts'
import { digestOf } from '../access/key.ts'
import { HttpServer } from '../http-server.ts'
import { KeyAccess, serve } from '../index.ts'
import { ENGINE_FAMILIES } from './engine-families.ts'
import { Exposition } from './exposition.ts'
import { LLAMACPP_FAMILIES } from './llamacpp-families.ts'
import { SERVER_FAMILIES } from './server-families.ts'
import { VLLM_FAMILIES } from './vllm-families.ts'

const OF_ENGINE = [...VLLM_FAMILIES, ...LLAMACPP_FAMILIES, ...ENGINE_FAMILIES]
const PROCESS = /^(process|nodejs)_/

async function scrape({ server }: Pick<MockServer, 'server'>, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/metrics`, { headers })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ])
  const families = parseExposition(await response.text())
  const samplesOf = (name: string) => (families.get(name)?.samples ?? []) as readonly (NumberSample & HistogramSample)[]
  return {
    families,
    /** The value of the only sample, or of the only one with these labels. */
    value(name: string, labels: Record<string, string> = {}): number | undefined {
      const found = samplesOf(name).filter(sample =>
        Object.entries(labels).every(([label, value]) => sample.labels?.[label] === value),
      )
      expect(found.length, name).toBeLessThanOrEqual(1)
      return found[0]?.value
    },
    count: (name: string) => samplesOf(name)[0]!.histogram.counts.reduce((sum, count) => sum + count, 0),
    sum: (name: string) => samplesOf(name)[0]!.histogram.sum,
    samplesOf,
  }
}

const complete = (mock: MockServer, fields: object = {}, init: RequestInit = {}) =>
  mock.post('/v1/completions', { prompt: 'one two three', max_tokens: 5, ignore_eos: true, ...fields }, init)

describe('after some requests', () => {
  test('all families of the tables are there, with the labels that the tables say', async () => {
    await using mock = await serveMock()
    await (await complete(mock)).text()
    const { families } = await scrape(mock)
    const told = [...families.keys()].filter(name => !PROCESS.test(name))
    const tables = [...OF_ENGINE, ...SERVER_FAMILIES]
    expect(told.toSorted()).toEqual(tables.map(({ name }) => name).toSorted())
    for (const { name, type, labels } of tables) {
      const family = families.get(name)!
      expect(family.type, name).toBe(type)
      for (const { labels: own = {} } of family.samples) expect(Object.keys(own), name).toEqual(labels)
    }
  })

  test('tokens, times and endings are counted under both servers’ names', async () => {
    await using mock = await serveMock({ itlMs: 15 })
    const promptTokens = (await mock.engine.tokenize({ text: 'one two three' })).length
    await (await complete(mock)).text()
    await (await complete(mock, { stream: true, n: 2, max_tokens: 3 })).text()
    const { value, count, sum } = await scrape(mock)
    const names = { model_name: 'mock', engine: '0' }
    expect({
      prompt: value('vllm:prompt_tokens_total', names),
      generated: value('vllm:generation_tokens_total', names),
      length: value('vllm:request_success_total', { ...names, finished_reason: 'length' }),
      abort: value('vllm:request_success_total', { ...names, finished_reason: 'abort' }),
      requests: count('vllm:e2e_request_latency_seconds'),
      firstTokens: count('vllm:time_to_first_token_seconds'),
      n: sum('vllm:request_params_n'),
      maxTokens: sum('vllm:request_params_max_tokens'),
      predicted: value('llamacpp:tokens_predicted_total'),
      longest: value('llamacpp:n_tokens_max'),
    }).toEqual({
      prompt: 2 * promptTokens,
      generated: 5 + 2 * 3,
      length: 3,
      abort: 0,
      requests: 2,
      firstTokens: 2,
      n: 1 + 2,
      maxTokens: 5 + 3,
      predicted: 5 + 2 * 3,
      longest: promptTokens + 5,
    })
    // Those that came with the first ones, when the machine was busy, have no time of their own.
    expect(count('vllm:inter_token_latency_seconds')).toBeGreaterThan(0)
    expect(count('vllm:inter_token_latency_seconds')).toBeLessThanOrEqual(4 + 2 * 2)
    for (const name of ['queue', 'prefill', 'decode', 'inference'])
      expect(count(`vllm:request_${name}_time_seconds`)).toBe(2)
    expect(sum('vllm:request_inference_time_seconds')).toBeCloseTo(
      sum('vllm:request_prefill_time_seconds') + sum('vllm:request_decode_time_seconds'),
      9,
    )
    expect(value('llamacpp:n_decode_total')).toBe(count('vllm:iteration_tokens_total'))
    expect(count('warpline:step_time_seconds')).toBe(count('vllm:iteration_tokens_total'))
  })

  test('cached tokens count as looked up and found, and llama.cpp does not count them as processed', async () => {
    await using mock = await serveMock()
    const prompt = 'word '.repeat(100)
    for (let i = 0; i < 2; i++) await (await complete(mock, { prompt })).text()
    const { value } = await scrape(mock)
    const hits = value('vllm:prefix_cache_hits_total')!
    expect(hits).toBeGreaterThan(0)
    expect(value('llamacpp:prompt_tokens_total')).toBe(value('vllm:prefix_cache_queries_total')! - hits)
  })

  test('throughput is that since the last scrape', async () => {
    await using mock = await serveMock()
    await (await complete(mock)).text()
    expect((await scrape(mock)).value('llamacpp:predicted_tokens_seconds')).toBeGreaterThan(0)
    expect((await scrape(mock)).value('llamacpp:predicted_tokens_seconds')).toBe(0)
  })

  test('answers are counted by route, and what has none has one label for all', async () => {
    await using mock = await serveMock()
    await (await complete(mock)).text()
    for (const path of ['/v1/models/mock', '/v1/models/other', '/a', '/b?c=d']) await fetch(mock.server.url + path)
    const { samplesOf } = await scrape(mock)
    expect(samplesOf('warpline:http_answers_total')).toEqual([
      { labels: { method: 'POST', route: '/v1/completions', status: '200' }, value: 1 },
      { labels: { method: 'GET', route: '/v1/models/{id}', status: '200' }, value: 1 },
      { labels: { method: 'GET', route: '/v1/models/{id}', status: '404' }, value: 1 },
      { labels: { method: 'any', route: 'none', status: '404' }, value: 2 },
    ])
  })
})

test('a client that leaves counts as an abort, a failing engine as an error', async () => {
  await using mock = await serveMock({ itlMs: 5 })
  const leaving = new AbortController()
  const response = await complete(mock, { stream: true, n: 2, max_tokens: 1000 }, { signal: leaving.signal })
  expect(response.status).toBe(200)
  leaving.abort()
  await vi.waitFor(async () => {
    const { value } = await scrape(mock)
    expect(value('vllm:request_success_total', { finished_reason: 'abort' })).toBe(2)
    expect(value('warpline:admission_ended_total', { outcome: 'cancelled' })).toBe(1)
  })
  const running = complete(mock, { max_tokens: 1000 })
  await vi.waitFor(() => expect(mock.engine.stats().running).toBe(1))
  await mock.engine.close()
  expect((await running).status).toBe(503)
  const { value } = await scrape(mock)
  expect(value('vllm:request_success_total', { finished_reason: 'error' })).toBe(1)
  expect(value('warpline:ready')).toBe(0)
})

test('what the process tells of a time begins anew with each scrape, and ends with the server', () => {
  const told: string[] = []
  const own: ProcessMetrics = {
    families: [{ name: 'a', help: 'Help.', type: 'gauge', collect: () => [{ value: told.push('collect') }] }],
    reset: () => told.push('reset'),
    [Symbol.dispose]: () => told.push('dispose'),
  }
  const exposition = new Exposition(new HttpServer({ engine: createMockEngine() }, true), own)
  for (let i = 0; i < 2; i++) exposition.text(0)
  exposition[Symbol.dispose]()
  expect(told).toEqual(['collect', 'reset', 'collect', 'reset', 'dispose'])
})

test('while the engine loads, what is not its own is told', async () => {
  const server = await serve({ engine: new Promise(() => {}), port: 0 })
  await fetch(`${server.url}/health`)
  const { families, value } = await scrape({ server })
  expect([...families.keys()].filter(name => !PROCESS.test(name)).toSorted()).toEqual(
    SERVER_FAMILIES.map(({ name }) => name).toSorted(),
  )
  expect([...families.keys()].some(name => PROCESS.test(name))).toBe(true)
  expect(value('warpline:ready')).toBe(0)
  expect(value('warpline:http_answers_total', { route: '/health', status: '503' })).toBe(1)
  await server.close()
})

describe('with keys', () => {
  const alice = 'alice-key-0123456789abcdef'
  const root = 'root-key-0123456789abcdef'
  const keys = [
    { name: 'alice', digest: digestOf(alice), admin: false, limits: { concurrency: 1 } },
    { name: 'root', digest: digestOf(root), admin: true, limits: {} },
  ]
  const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })

  test('an admin key is asked for', async () => {
    await using mock = await serveMock({}, { access: new KeyAccess(keys) })
    const ask = (headers: Record<string, string>) => fetch(`${mock.server.url}/metrics`, { headers })
    expect((await ask({})).status).toBe(401)
    expect((await ask(bearer(alice))).status).toBe(403)
    expect((await ask(bearer(root))).status).toBe(200)
  })

  test('each key is told of by its name', async () => {
    await using mock = await serveMock({ itlMs: 5 }, { access: new KeyAccess(keys) })
    const leaving = new AbortController()
    const init = { headers: bearer(alice), signal: leaving.signal }
    const first = await complete(mock, { stream: true, max_tokens: 1000 }, init)
    const second = complete(mock, { max_tokens: 2 }, init)
    second.catch(() => undefined)
    const admin = bearer(root)
    await vi.waitFor(async () => {
      const { value } = await scrape(mock, admin)
      expect(value('warpline:tenant_running_requests', { tenant: 'alice' })).toBe(1)
      expect(value('warpline:tenant_waiting_requests', { tenant: 'alice' })).toBe(1)
      expect(value('warpline:admission_waiting_requests')).toBe(1)
      expect(value('vllm:num_requests_waiting_by_reason', { reason: 'capacity' })).toBe(1)
    })
    expect(first.status).toBe(200)
    leaving.abort()
    await vi.waitFor(async () => {
      const { value, samplesOf } = await scrape(mock, admin)
      expect(value('warpline:tenant_requests_total', { tenant: 'alice' })).toBe(2)
      expect(value('warpline:tenant_completion_tokens_total', { tenant: 'alice' })).toBeGreaterThan(0)
      expect(samplesOf('warpline:tenant_running_requests')).toEqual([])
    })
    const text = await (await fetch(`${mock.server.url}/metrics`, { headers: admin })).text()
    for (const key of [alice, root]) expect(text).not.toContain(key)
  })
})
