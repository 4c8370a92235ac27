import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RequestRecord } from '../record/request-record.ts'
import { phasesOf } from './phases-of.ts'

const RECORD: RequestRecord = {
  id: 'a-0.0',
  index: 0,
  turn: 0,
  phase: 'measure',
  dueMs: 1000,
  sentMs: 1002,
  startMs: 1040,
  endMs: 1100,
  arrivalsMs: Float64Array.of(1050, 1075, 1100),
  arrivalTokens: Uint32Array.of(1, 1, 1),
  promptTokens: 8,
  cachedTokens: 0,
  outputTokens: 3,
  askedTokens: 3,
  outcome: 'ok',
}

const TIMELINE = {
  queuedAt: 1,
  admittedAt: 4,
  startedAt: 14,
  tokensAt: [44, 70, 95],
  tokens: [1, 1, 1],
  endedAt: 95.5,
}

test('joins what arrived when to what the server says it did', () => {
  expect(phasesOf([{ ...RECORD, timeline: TIMELINE }])).toEqual({
    requests: 1,
    phases: [
      { name: 'client queue', meanMs: 2, p50Ms: 2 },
      { name: 'network and HTTP, both ways', meanMs: 4, p50Ms: 4 },
      { name: 'reading and tokenising', meanMs: 1, p50Ms: 1 },
      { name: 'admission', meanMs: 3, p50Ms: 3 },
      { name: 'engine queue', meanMs: 10, p50Ms: 10 },
      { name: 'prefill', meanMs: 30, p50Ms: 30 },
    ],
  })
})

test('where only the engine’s timings are told, the rest is one', () => {
  const timings = { queuedMs: 6, prefillMs: 37, decodeMs: 50 }
  expect(phasesOf([{ ...RECORD, timings }])).toEqual({
    requests: 1,
    phases: [
      { name: 'client queue', meanMs: 2, p50Ms: 2 },
      { name: 'all around the engine', meanMs: 5, p50Ms: 5 },
      { name: 'engine queue', meanMs: 6, p50Ms: 6 },
      { name: 'prefill', meanMs: 37, p50Ms: 37 },
    ],
  })
})

test.each<[string, Partial<RequestRecord>]>([
  ['a server that tells nothing', {}],
  ['timings of zeros, which say that nothing is known', { timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 } }],
  ['a request that failed', { outcome: 'unreachable', timeline: TIMELINE }],
  ['an answer without text', { arrivalsMs: new Float64Array(), timeline: TIMELINE }],
  ['a timeline without tokens', { timeline: { ...TIMELINE, tokensAt: [], tokens: [] } }],
])('knows nothing of %s', (_, more) => {
  expect(phasesOf([{ ...RECORD, ...more }])).toBeNull()
})

test('requests whose server told count alone, and their phases’ means add up to their mean TTFT', () => {
  const ms = fc.double({ min: 0, max: 1e5, noNaN: true })
  const request = fc
    .tuple(ms, ms, ms, ms, ms, ms, ms, fc.boolean())
    .map(([due, ...[client, way, a, b, c, d, told]]) => {
      const [queuedAt, admittedAt, startedAt, first] = [a, a + b, a + b + c, a + b + c + d]
      const timeline = {
        queuedAt,
        admittedAt,
        startedAt,
        tokensAt: [first, first + 1],
        tokens: [1, 1],
        endedAt: first + 2,
      }
      const sentMs = due + client
      const arrivalsMs = Float64Array.of(sentMs + way + first, sentMs + way + first + 1)
      return { ...RECORD, dueMs: due, sentMs, arrivalsMs, ...(told && { timeline }) }
    })
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 20 }), records => {
      const told = records.filter(record => 'timeline' in record)
      const shares = phasesOf(records)
      expect(shares?.requests ?? 0).toBe(told.length)
      if (shares === null) return
      const ttft = told.reduce((sum, { arrivalsMs, dueMs }) => sum + arrivalsMs[0]! - dueMs, 0) / told.length
      expect(shares.phases.reduce((sum, { meanMs }) => sum + meanMs, 0)).toBeCloseTo(ttft, 6)
      for (const { meanMs } of shares.phases) expect(meanMs).toBeGreaterThanOrEqual(-1e-6)
    }),
  )
})
