import { type Context, type Span, type SpanOptions, type Tracer, trace } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'
import { expose, type HistogramSample, type NumberSample, parseExposition } from '../telemetry/index.ts'
import { failing, fleet, wrap } from './request/testing.ts'

const TRACE = 'a'.repeat(32)
const PARENT = 'b'.repeat(16)
const GREEDY = { temperature: 0 }

/** What an SDK would be told: a span each, with its parent's id, its attributes, and how it ended. */
interface Told {
  readonly id: string
  readonly parent: string | undefined
  readonly attributes: Record<string, unknown>
  failures: number
  ends: number
}

function collectSpans(): Told[] {
  const spans: Told[] = []
  const startSpan = (_: string, { attributes = {} }: SpanOptions, parent: Context) => {
    const id = String(spans.length).padStart(16, 'c')
    const told: Told = {
      id,
      parent: trace.getSpanContext(parent)?.spanId,
      attributes: { ...attributes },
      failures: 0,
      ends: 0,
    }
    spans.push(told)
    return {
      spanContext: () => ({ traceId: TRACE, spanId: id, traceFlags: 1 }),
      setAttributes: (more: Record<string, unknown>) => Object.assign(told.attributes, more),
      recordException: () => told.failures++,
      setStatus: () => undefined,
      end: () => told.ends++,
    } as unknown as Span
  }
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as Partial<Tracer> as Tracer })
  return spans
}

afterEach(() => trace.disable())

test('each engine that is asked is a span of the request’s trace, which the engine is told', async () => {
  const spans = collectSpans()
  const heard: (string | undefined)[] = []
  const made = await fleet(mock =>
    [failing(mock(), 0, 'internal'), failing(mock(), 3, 'unreachable'), mock()].map(engine =>
      wrap(engine, {
        generate: (request, options) => {
          heard.push(request.routing?.traceparent)
          return engine.generate(request, options)
        },
      }),
    ),
  )
  await made.ask(GREEDY, { routing: { traceparent: `00-${TRACE}-${PARENT}-01` } })
  const outcomes = ['internal', 'unreachable', 'done']
  expect(spans).toEqual(
    outcomes.map((outcome, i) => ({
      id: String(i).padStart(16, 'c'),
      parent: PARENT,
      failures: outcome === 'done' ? 0 : 1,
      ends: 1,
      attributes: {
        'warpline.route.upstream': `e${i}`,
        'warpline.route.model': 'mock',
        'warpline.route.policy': 'round-robin',
        'warpline.route.reason': expect.any(String),
        'warpline.route.attempt': i + 1,
        'warpline.route.outcome': outcome,
      },
    })),
  )
  expect(heard).toEqual(spans.map(({ id }) => `00-${TRACE}-${id}-01`))
})

test('metrics tell what went where, and how it ended', async () => {
  const made = await fleet(mock => [failing(mock(), 3, 'unreachable'), mock()], {
    breaker: { failures: 1, openMs: 60_000 },
  })
  await made.ask(GREEDY)
  void made.router
    .generate({ input: { tokens: [1, 2] }, sampling: { maxTokens: 5 } })
    [Symbol.asyncIterator]()
    .next()
  await made.clock.advance(0)
  const told = parseExposition(expose(made.router.families))
  const samples = (name: string) =>
    (told.get(`warpline_router_${name}`)!.samples as readonly NumberSample[]).map(({ labels, value }) => [
      ...Object.values(labels ?? {}),
      value,
    ])
  expect(
    Object.fromEntries(
      [...told.keys()]
        .filter(name => !/overhead|decisions/.test(name))
        .map(name => [name.slice(16), samples(name.slice(16))]),
    ),
  ).toEqual({
    requests_total: [
      ['e0', 'mock', 'unreachable', 1],
      ['e1', 'mock', 'done', 1],
    ],
    retries_total: [],
    failovers_total: [['continue', 1]],
    hedges_total: [],
    ready: [
      ['e0', 0],
      ['e1', 1],
    ],
    breaker_state: [
      ['e0', 2],
      ['e1', 0],
    ],
    requests_in_flight: [
      ['e0', 0],
      ['e1', 1],
    ],
    tokens_in_flight: [
      ['e0', 0],
      ['e1', 7],
    ],
  })
  expect(samples('decisions_total').map(([policy]) => policy)).toEqual(['round-robin'])
  const [overhead] = told.get('warpline_router_overhead_seconds')!.samples as readonly HistogramSample[]
  expect(overhead!.histogram.counts.reduce((sum, count) => sum + count)).toBe(1)
})
