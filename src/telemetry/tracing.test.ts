import {
  type Context,
  type ContextManager,
  context,
  type Span as OtelSpan,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { afterEach, describe, expect, test } from 'vitest'
import { parseTraceparent } from './trace-context.ts'
import { startClientSpan, startServerSpan } from './tracing.ts'

const REMOTE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const OWN = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const headers = { traceparent: `00-${REMOTE.traceId}-${REMOTE.spanId}-01` }

/** What an SDK would have been told. */
let told: unknown[] = []

function recordingSpan(spanContext: SpanContext): OtelSpan {
  const tell =
    (what: string) =>
    (...said: unknown[]) => {
      told.push([what, ...said])
      return span
    }
  const span = {
    spanContext: () => spanContext,
    isRecording: () => true,
    setAttributes: tell('attributes'),
    addEvent: tell('event'),
    recordException: tell('exception'),
    setStatus: tell('status'),
    end: tell('end'),
  } as Partial<OtelSpan> as OtelSpan
  return span
}

/** The least that an SDK registers: spans keep their parents' trace. */
function registerProvider(sampled = true): void {
  const startSpan = (name: string, options: SpanOptions, parent: Context) => {
    const parentSpan = trace.getSpanContext(parent)
    told.push(['start', name, options, parentSpan?.spanId])
    return recordingSpan({ ...OWN, ...(parentSpan && { traceId: parentSpan.traceId }), traceFlags: sampled ? 1 : 0 })
  }
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as Partial<Tracer> as Tracer })
}

function registerPropagator(): void {
  propagation.setGlobalPropagator({
    inject: () => undefined,
    extract(parent, carrier, getter) {
      const found = parseTraceparent(getter.get(carrier, 'traceparent') as string)
      return found ? trace.setSpanContext(parent, { ...found, traceFlags: 1, isRemote: true }) : parent
    },
    fields: () => ['traceparent'],
  })
}

afterEach(() => {
  told = []
  for (const api of [trace, propagation, context]) api.disable()
})

describe('without an SDK', () => {
  test('no span is made, and what is done with it does nothing', () => {
    const span = startServerSpan('POST /v1/chat/completions', headers, { a: 1 })
    expect(startServerSpan('GET /health', {}, {})).toBe(span)
    expect(span.traceparent).toBeUndefined()
    span.setAttributes({ a: 1 })
    span.addEvent('first token')
    span.recordError(new Error('failed'))
    span.end()
  })

  test('what another service is asked for makes no span, and keeps the trace that it is part of', () => {
    expect(startClientSpan('route', undefined, {}).traceparent).toBeUndefined()
    expect(startClientSpan('route', 'nonsense', {}).traceparent).toBeUndefined()
    expect(startClientSpan('route', headers.traceparent, {}).traceparent).toBe(headers.traceparent)
  })

  test('but with a propagator, the trace is passed on as it came', () => {
    registerPropagator()
    const span = startServerSpan('GET /health', headers, {})
    expect(span.traceparent).toBe(headers.traceparent)
    span.end()
  })
})

describe('with an SDK', () => {
  test('that comes later, spans begin when it is there', () => {
    expect(startServerSpan('GET /health', {}, {}).traceparent).toBeUndefined()
    registerProvider()
    expect(startServerSpan('GET /health', {}, {}).traceparent).toBe(`00-${OWN.traceId}-${OWN.spanId}-01`)
    trace.disable()
    expect(startServerSpan('GET /health', {}, {}).traceparent).toBeUndefined()
  })

  test('a request is a server span, a child of the span that its headers tell of', () => {
    registerProvider()
    registerPropagator()
    const span = startServerSpan('POST /v1/chat/completions', headers, { 'http.request.method': 'POST' })
    expect(span.traceparent).toBe(`00-${REMOTE.traceId}-${OWN.spanId}-01`)
    span.addEvent('first token')
    span.setAttributes({ 'http.response.status_code': 200 })
    span.end()
    expect(told).toEqual([
      [
        'start',
        'POST /v1/chat/completions',
        { kind: SpanKind.SERVER, attributes: { 'http.request.method': 'POST' } },
        REMOTE.spanId,
      ],
      ['event', 'first token'],
      ['attributes', { 'http.response.status_code': 200 }],
      ['end'],
    ])
  })

  test('what another service is asked for is a client span, a child of the one that it is told', () => {
    registerProvider()
    const span = startClientSpan('route', headers.traceparent, { a: 1 })
    expect(span.traceparent).toBe(`00-${REMOTE.traceId}-${OWN.spanId}-01`)
    span.end()
    startClientSpan('route', undefined, {})
    expect(told).toEqual([
      ['start', 'route', { kind: SpanKind.CLIENT, attributes: { a: 1 } }, REMOTE.spanId],
      ['end'],
      ['start', 'route', { kind: SpanKind.CLIENT, attributes: {} }, undefined],
    ])
  })

  test('that samples, what it left out says so to others', () => {
    registerProvider(false)
    expect(startServerSpan('GET /health', {}, {}).traceparent).toBe(`00-${OWN.traceId}-${OWN.spanId}-00`)
  })

  test('that instruments node:http, a request is a child of the span it is handled in', () => {
    registerProvider()
    registerPropagator()
    const handling = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, spanId: 'c'.repeat(16), traceFlags: 1 })
    const manager: Pick<ContextManager, 'active' | 'disable'> = {
      active: () => handling,
      disable: () => manager as ContextManager,
    }
    context.setGlobalContextManager(manager as ContextManager)
    startServerSpan('GET /health', headers, {})
    expect(told).toEqual([['start', 'GET /health', expect.anything(), 'c'.repeat(16)]])
  })

  test.each([
    ['an error', new TypeError('bad'), new TypeError('bad'), 'bad'],
    ['whatever was thrown', 7, '7', '7'],
  ])('%s marks the span as failed', (_, thrown, exception, message) => {
    registerProvider()
    startServerSpan('GET /health', {}, {}).recordError(thrown)
    expect(told.slice(1)).toEqual([
      ['exception', exception],
      ['status', { code: SpanStatusCode.ERROR, message }],
    ])
  })
})
