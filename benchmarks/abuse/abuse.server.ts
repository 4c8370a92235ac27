// Warpline over a mock engine, telling of itself what an attack could have spoilt.
import { subscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import type { Event } from '../../src/engine/index.ts'
import { createMockEngine, type MockOptions } from '../../src/mock/index.ts'
import type { Host } from '../../src/serve/host.ts'
import { type ServeOptions, type Server, serve } from '../../src/serve/index.ts'
import { serveHere, settings } from '../serve/serve-here.mjs'
import { type State, VERBOSE_SEED } from './victim.ts'

const { mock, ...options } = settings<Partial<ServeOptions> & { mock?: MockOptions }>()
const engine = createMockEngine(mock)
const { generate } = engine
// Words of 4 KiB fill what the kernel keeps for a connection in a moment, and cost the engine no more than others.
engine.generate = (request, options) => {
  const events = generate.call(engine, request, options)
  return request.sampling?.seed === VERBOSE_SEED ? verbose(events) : events
}
const server = (await serve({ ...options, engine, port: 0 })) as Server & Host

async function* verbose(events: AsyncIterable<Event>): AsyncIterable<Event> {
  for await (const event of events) yield event.type === 'tokens' ? { ...event, text: 'word'.repeat(1024) } : event
}

const statuses: Record<string, number> = {}
subscribe('http.server.response.finish', message => {
  const { statusCode } = (message as { response: ServerResponse }).response
  statuses[statusCode] = (statuses[statusCode] ?? 0) + 1
})

serveHere(Number(new URL(server.url).port), {
  state(): State {
    const { running, waiting, requests } = engine.stats()
    const admission = server.admission.snapshot()
    return { inFlight: [...server.exchanges].length, engine: { running, waiting, requests }, admission, statuses }
  },
})
