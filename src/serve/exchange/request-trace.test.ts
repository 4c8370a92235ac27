import { propagation, type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { oneAtATime } from '../../../test/one-at-a-time.ts'
import { recordingLogger } from '../../../test/recording-logger.ts'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'
import { parseTraceparent } from '../../telemetry/index.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const GIVEN = `00-${TRACE}-00f067aa0ba902b7-01`
const OWN = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
const SECRET = 'xyzzy'

const complete = (mock: MockServer, fields: object = {}, headers: Record<string, string> = {}) =>
  mock.post('/v1/completions', { prompt: SECRET, max_tokens: 2, ignore_eos: true, ...fields }, { headers })

describe('without an SDK', () => {
  test('a trace that the client follows goes on here, and the log names it', async () => {
    const logger = recordingLogger()
    await using mock = await serveMock({}, { logger })
    const { headers } = await complete(mock, {}, { traceparent: GIVEN })
    const told = headers.get('traceparent')!
    expect(parseTraceparent(told)).toMatchObject({ traceId: TRACE, sampled: true })
    expect(told).not.toBe(GIVEN)
    await vi.waitFor(() => expect(logger.entries.at(-1)!.fields).toMatchObject({ trace_id: TRACE }))
  })

  test.each([undefined, 'nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, GIVEN.toUpperCase(), `${GIVEN}-more`])(
    'no trace begins at %s',
    async traceparent => {
      await using mock = await serveMock()
      const { headers } = await complete(mock, {}, traceparent === undefined ? {} : { traceparent })
      expect(headers.get('traceparent')).toBeNull()
    },
  )

  test('errors tell of it, too', async () => {
    await using mock = await serveMock()
    const { status, headers } = await mock.post('/v1/none', {}, { headers: { traceparent: GIVEN } })
    expect([status, headers.get('traceparent')?.slice(3, 35)]).toEqual([404, TRACE])
  })
})

describe('with an SDK', () => {
  /** All that its spans were told. */
  let told: unknown[][] = []

  beforeEach(() => {
    told = []
    const tell =
      (what: string) =>
      (...said: unknown[]) => {
        told.push([what, ...said])
        return span as Span
      }
    const span: Partial<Span> = {
      spanContext: () => OWN,
      setAttributes: tell('attributes'),
      addEvent: tell('event'),
      recordException: tell('exception'),
      setStatus: tell('status'),
      end: tell('end'),
    }
    const startSpan = (name: string, options: SpanOptions) => tell('start')(name, options.attributes)
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as Partial<Tracer> as Tracer })
  })
  afterEach(() => {
    for (const api of [trace, propagation]) api.disable()
  })

  const ended = () => vi.waitFor(() => expect(told.at(-1)).toEqual(['end']))

  test('an answer is a span that tells its model, tokens and end, and nothing of what was said', async () => {
    await using mock = await serveMock()
    const response = await complete(mock)
    expect(response.headers.get('traceparent')).toBe(`00-${OWN.traceId}-${OWN.spanId}-01`)
    const { usage } = (await response.json()) as { usage: { prompt_tokens: number } }
    await ended()
    expect(told).toEqual([
      ['start', 'POST /v1/completions', { 'http.request.method': 'POST', 'http.route': '/v1/completions' }],
      ['event', 'admitted'],
      ['event', 'first token'],
      [
        'attributes',
        {
          'http.response.status_code': 200,
          'error.type': undefined,
          'gen_ai.operation.name': 'text_completion',
          'gen_ai.provider.name': 'warpline',
          'gen_ai.request.model': 'mock',
          'gen_ai.response.model': 'mock',
          'gen_ai.usage.input_tokens': usage.prompt_tokens,
          'gen_ai.usage.cache_read.input_tokens': 0,
          'gen_ai.usage.output_tokens': 2,
          'gen_ai.response.finish_reasons': ['length'],
        },
      ],
      ['end'],
    ])
    expect(JSON.stringify(told)).not.toContain(SECRET)
  })

  test('what has to wait says so', async () => {
    await using mock = await serveMock({}, { access: oneAtATime })
    await Promise.all([complete(mock), complete(mock)])
    await vi.waitFor(() => expect(told.filter(([what]) => what === 'end')).toHaveLength(2))
    expect(
      told
        .filter(([what]) => what === 'event')
        .map(([, name]) => name)
        .toSorted(),
    ).toEqual(['admitted', 'admitted', 'first token', 'first token', 'queued'])
  })

  test('a mistake of the client’s is no error of the server’s', async () => {
    await using mock = await serveMock()
    await complete(mock, { max_tokens: SECRET })
    await ended()
    expect(told.map(([what]) => what)).toEqual(['start', 'attributes', 'end'])
    expect(told[1]![1]).toMatchObject({ 'http.response.status_code': 400, 'error.type': 'invalid_request' })
    expect(JSON.stringify(told)).not.toContain(SECRET)
  })

  test('a failure of the server’s is told by its code', async () => {
    await using mock = await serveMock()
    await mock.engine.close()
    expect((await complete(mock)).status).toBe(503)
    await ended()
    expect(told).toContainEqual(['exception', 'engine_closed'])
    expect(told).toContainEqual(['status', expect.objectContaining({ message: 'engine_closed' })])
  })

  test('a path that no route has is not told', async () => {
    await using mock = await serveMock()
    await fetch(`${mock.server.url}/${SECRET}`)
    await ended()
    expect(told[0]).toEqual(['start', 'GET', { 'http.request.method': 'GET', 'http.route': undefined }])
  })
})
