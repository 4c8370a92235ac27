import { describe, expect, test } from 'vitest'
import { saying, scriptedEngine } from '../../../test/scripted-engine.ts'
import { UnreachableError } from '../../engine/index.ts'
import { createMockEngine } from '../../mock/index.ts'
import type { Phase, RequestRecord } from '../record/request-record.ts'
import { driveClients, type LoadOf, turns } from './testing/drive-clients.ts'

/** Every answer takes 35 ms alone. */
const engine = (options: Parameters<typeof createMockEngine>[0] = {}) => ({
  engine: (clock: NonNullable<typeof options>['clock']) =>
    createMockEngine({ ttftMs: 20, itlMs: 5, steps: 'own', ...options, ...(clock && { clock }) }),
})
const of = (records: readonly RequestRecord[], phase: Phase) => records.filter(record => record.phase === phase)

function inFlightAt(records: readonly RequestRecord[], ms: number): number {
  return records.filter(({ sentMs, endMs }) => sentMs <= ms && ms < endMs).length
}

describe('a closed loop', () => {
  const byRequests: LoadOf = {
    load: { kind: 'closed', concurrency: 4 },
    warmUp: { requests: 8 },
    measure: { requests: 40 },
  }

  test.each([1, 2, 3])('makes exactly the requests that were asked for, with %i clients', async clients => {
    const { records } = await driveClients(byRequests, { ...engine(), clients })
    expect(of(records, 'warm-up')).toHaveLength(8)
    expect(of(records, 'measure')).toHaveLength(40)
    expect(of(records, 'measure').every(({ outcome }) => outcome === 'ok')).toBe(true)
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  })

  test('hands its slots over without draining, and keeps them busy until the last that counts has ended', async () => {
    const { records } = await driveClients(byRequests, engine({ ttftMs: 17 }))
    const measured = of(records, 'measure')
    const lastEnd = Math.max(...measured.map(({ endMs }) => endMs))
    for (const { dueMs } of measured) expect(inFlightAt(records, dueMs)).toBe(4)
    for (let ms = measured[0]!.dueMs; ms < lastEnd; ms += 0.5) expect(inFlightAt(records, ms)).toBe(4)
  })

  test('a request is due when its slot has become free', async () => {
    const { records } = await driveClients(byRequests, engine())
    const ends = records.map(({ endMs }) => endMs)
    for (const { dueMs, sentMs } of records.slice(8)) {
      expect(ends).toContain(dueMs)
      expect(sentMs).toBe(dueMs)
    }
  })

  test('its slots begin one by one over the length of an answer, so that they do not go in step', async () => {
    const { records } = await driveClients(byRequests, engine())
    expect(records[0]!.endMs).toBe(35)
    // Nothing is known until then; the first slot's second request is due at once, and the other slots' first one by one.
    expect(records.slice(1, 6).map(({ dueMs }) => dueMs)).toEqual([35, 43.75, 52.5, 61.25, 70])
  })

  test('slots that begin in time do not wait for an answer', async () => {
    const spec: LoadOf = { ...byRequests, warmUp: { seconds: 0.04 } }
    const { records } = await driveClients(spec, engine())
    expect(records.slice(0, 4).map(({ dueMs }) => dueMs)).toEqual([0, 5, 10, 15])
  })

  test('without a warm-up that they could begin in, all slots begin at once', async () => {
    const { records } = await driveClients({ ...byRequests, warmUp: { requests: 3 } }, engine())
    expect(records.slice(0, 4).map(({ dueMs }) => dueMs)).toEqual([0, 0, 0, 0])
  })

  test('measured by seconds, what was due in them counts, and nothing else', async () => {
    const spec: LoadOf = { ...byRequests, warmUp: { seconds: 0.5 }, measure: { seconds: 1 } }
    const { records, endedMs } = await driveClients(spec, { ...engine(), clients: 2 })
    for (const { dueMs, phase, outcome } of records) {
      expect(phase).toBe(dueMs < 500 ? 'warm-up' : dueMs < 1500 ? 'measure' : 'cool-down')
      if (phase !== 'cool-down') expect(outcome).toBe('ok')
    }
    expect(of(records, 'cool-down').length).toBeGreaterThan(0)
    expect(endedMs).toBeLessThan(1600)
  })

  test('clients that warm up by requests begin to count at one time', async () => {
    const spec: LoadOf = { ...byRequests, measure: { seconds: 1 } }
    const { records, recordsOf } = await driveClients(spec, { ...engine(), clients: 3, delayMs: 10 })
    const starts = recordsOf.map(own => of(own, 'measure')[0]!.dueMs)
    const lastWarm = recordsOf.map(own => of(own, 'warm-up').at(-1)!.dueMs)
    expect(Math.min(...starts)).toBeGreaterThan(Math.max(...lastWarm))
    expect(of(records, 'warm-up').length).toBeGreaterThanOrEqual(8)
    expect(of(records, 'measure').at(-1)!.dueMs - of(records, 'measure')[0]!.dueMs).toBeLessThan(1000)
  })

  test('a later turn is due when the answer before it has ended, in the same slot', async () => {
    const work = { dialogue: () => turns(3) }
    const { records } = await driveClients(
      { ...byRequests, load: { kind: 'closed', concurrency: 1 } },
      { ...engine(), work },
    )
    expect(records.slice(0, 5).map(({ index, turn }) => [index, turn])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
    ])
    for (const [i, record] of records.slice(1).entries()) expect(record.dueMs).toBe(records[i]!.endMs)
  })

  test('a target that stands still shows in every request that was due meanwhile', async () => {
    const spec: LoadOf = { ...byRequests, warmUp: { seconds: 0.5 }, measure: { seconds: 4 } }
    const { records } = await driveClients(spec, engine({ stall: { afterMs: 1000, forMs: 2000 } }))
    const long = of(records, 'measure').filter(({ dueMs, endMs }) => endMs - dueMs > 1900)
    expect(long).toHaveLength(4)
    for (const { endMs, dueMs } of long) expect(endMs - dueMs).toBeLessThan(2000 + 36)
  })

  test('what fails is recorded, and its slot goes on, but not at once', async () => {
    const spec: LoadOf = { load: { kind: 'closed', concurrency: 2 }, warmUp: { requests: 0 }, measure: { requests: 6 } }
    const absent = scriptedEngine(saying(new UnreachableError('nobody listens there')))
    const { records } = await driveClients(spec, { engine: () => absent })
    expect(records.map(({ dueMs }) => dueMs)).toEqual([0, 0, 100, 100, 200, 200])
    for (const { outcome, error, startMs, outputTokens } of records)
      expect([outcome, error, startMs, outputTokens]).toEqual(['unreachable', 'nobody listens there', null, 0])
  })
})
