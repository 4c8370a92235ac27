import { expect, test } from 'vitest'
import { Arrivals } from '../record/arrivals.ts'
import { type Ended, RecordWriter } from '../record/record-columns.ts'
import { clientHealth } from './client-health.ts'
import { RunBooks } from './run-books.ts'
import type { VitalSigns } from './vitals.ts'

const NOTHING = { completed: 0, failed: 0, tokens: 0, firsts: 0, firstsMs: 0 }

function request(change: Partial<Ended>): Ended {
  return {
    index: 0,
    turn: 0,
    phase: 'measure',
    dueMs: 1000,
    sentMs: 1000,
    startMs: null,
    endMs: 1500,
    promptTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    askedTokens: 1,
    outcome: 'ok',
    lagMs: 0,
    error: undefined,
    finishReason: undefined,
    timings: undefined,
    timeline: undefined,
    ...change,
  }
}

function booksOf(clients: { requests?: Partial<Ended>[]; signs: Partial<VitalSigns>[] }[]): RunBooks {
  const books = new RunBooks('run', clients.length)
  for (const [client, { requests = [], signs }] of clients.entries()) {
    for (const [i, sign] of signs.entries()) {
      const writer = new RecordWriter()
      if (i === 0) for (const change of requests) writer.add(request(change), new Arrivals())
      const vitals = { atMs: 0, cpuMs: 0, loopLag: new Float64Array(), gc: new Float64Array(), ...sign }
      books.hear(client, { columns: writer.take(), counts: NOTHING, inFlight: 0, phase: 'measure', vitals })
    }
  }
  return books
}

const window = { fromMs: 1000, toMs: 2000 }

test('only what lies in the measured part counts, of all processes', () => {
  const health = clientHealth(
    booksOf([
      {
        signs: [
          { loopLag: Float64Array.of(990, 50, 1000, 1, 1500, 3, 2010, 70), gc: Float64Array.of(999, 9, 1200, 4) },
        ],
      },
      { signs: [{ loopLag: Float64Array.of(1700, 5), gc: Float64Array.of(1300, 6, 2001, 90) }] },
    ]),
    window,
  )
  expect(health.loopLag).toEqual({ p50: 3, p99: 4.96, max: 5 })
  expect([health.gcMs, health.longestGcMs, health.processes]).toEqual([10, 6, 2])
})

test('the busiest process says how busy they were, by the signs around the measured part', () => {
  const health = clientHealth(
    booksOf([
      {
        signs: [
          { atMs: 250, cpuMs: 400 },
          { atMs: 900, cpuMs: 500 },
          { atMs: 1500, cpuMs: 600 },
          { atMs: 2100, cpuMs: 740 },
          { atMs: 2400, cpuMs: 2000 },
        ],
      },
      {
        signs: [
          { atMs: 1000, cpuMs: 100 },
          { atMs: 1900, cpuMs: 190 },
        ],
      },
    ]),
    window,
  )
  expect(health.cpu).toBe(0.2)
})

test('lag is of requests that count; what was held back until it was too late is unsent', () => {
  const health = clientHealth(
    booksOf([
      {
        signs: [{}],
        requests: [
          { phase: 'warm-up', lagMs: 900 },
          { lagMs: 1 },
          { lagMs: 3, sentMs: 1003 },
          { lagMs: 0, sentMs: 2500, outcome: 'aborted' },
        ],
      },
    ]),
    window,
  )
  expect(health.sendLag).toEqual({ p50: 2, p99: 2.98, max: 3 })
  expect(health.unsent).toBe(1)
})

test('nothing was done', () => {
  expect(clientHealth(booksOf([{ signs: [] }]), { fromMs: 0, toMs: 0 })).toEqual({
    processes: 1,
    cpu: 0,
    sendLag: { p50: 0, p99: 0, max: 0 },
    loopLag: { p50: 0, p99: 0, max: 0 },
    gcMs: 0,
    longestGcMs: 0,
    unsent: 0,
  })
})
