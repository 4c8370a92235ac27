import { expect, test, vi } from 'vitest'
import { serveMock } from '../../../test/serve-mock.ts'
import { parseExposition } from '../../telemetry/index.ts'

const PROMPT = { prompt: 'on and on', max_tokens: 1000, stream: true }

test('tells what runs and what waits, in the queue too, as the metrics do', async () => {
  await using mock = await serveMock({ ttftMs: 5, itlMs: 50, slots: 2 })
  const { url } = mock.server
  const leaving = new AbortController()
  const ask = () =>
    fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(PROMPT),
      signal: leaving.signal,
    }).catch(() => undefined)
  const load = async () => (await fetch(`${url}/load`)).json()
  expect(await load()).toEqual({ server_load: 0, running: 0, waiting: 0 })
  const asked = Array.from({ length: 5 }, ask)
  await vi.waitFor(async () => expect(await load()).toEqual({ server_load: 5, running: 2, waiting: 3 }))
  const families = parseExposition(await (await fetch(`${url}/metrics`)).text())
  const value = (name: string) => families.get(`vllm:num_requests_${name}`)!.samples[0]
  expect([value('running'), value('waiting')]).toMatchObject([{ value: 2 }, { value: 3 }])
  leaving.abort()
  await Promise.all(asked)
  await vi.waitFor(async () => expect(await load()).toMatchObject({ server_load: 0 }))
})
