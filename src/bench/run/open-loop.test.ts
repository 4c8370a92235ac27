import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scriptedEngine } from '../../../test/scripted-engine.ts'
import type { Clock, VirtualClock } from '../../clock/index.ts'
import { createMockEngine, type MockOptions } from '../../mock/index.ts'
import { arrivals } from '../load/arrivals.ts'
import type { OpenLoad } from '../load/load.ts'
import type { Phase, RequestRecord } from '../record/request-record.ts'
import type { Work } from '../work/work.ts'
import { Client } from './client.ts'
import { driveClients, type LoadOf, singleTurns, turns } from './testing/drive-clients.ts'

/** Every answer takes 35 ms. */
const engine = (options: MockOptions = {}) => ({
  engine: (clock: VirtualClock) =>
    createMockEngine({ ttftMs: 20, itlMs: 5, steps: 'own', slots: 1000, ...options, clock }),
})
const of = (records: readonly RequestRecord[], phase: Phase) => records.filter(record => record.phase === phase)
const load: OpenLoad = { kind: 'open', rate: 200, arrivals: 'poisson' }
const bySeconds: LoadOf = { load, warmUp: { seconds: 0.5 }, measure: { seconds: 1 } }

function dueUntil(ms: number): number[] {
  const due: number[] = []
  for (const at of arrivals(load, 1, 1.5)) {
    if (at > ms) return due
    due.push(at)
  }
  return due
}

describe('an open loop', () => {
  test.each([1, 2, 3])('makes each arrival one request at its time, whoever of %i clients makes it', async clients => {
    const { records, lagsMs } = await driveClients(bySeconds, { ...engine(), clients })
    const due = dueUntil(records.at(-1)!.dueMs)
    expect(records.map(({ dueMs }) => dueMs)).toEqual(due)
    expect(records.map(({ index }) => index)).toEqual(due.map((_, i) => i))
    for (const { dueMs, sentMs, phase } of records) {
      expect(sentMs).toBe(dueMs)
      expect(phase).toBe(dueMs < 500 ? 'warm-up' : dueMs < 1500 ? 'measure' : 'cool-down')
    }
    expect(Math.max(...lagsMs)).toBe(0)
  })

  test('goes on until the last that counts has ended', async () => {
    const { records } = await driveClients(bySeconds, engine())
    const last = Math.max(...of(records, 'measure').map(({ endMs }) => endMs))
    expect(of(records, 'measure').every(({ outcome }) => outcome === 'ok')).toBe(true)
    expect(records.at(-1)!.dueMs).toBeGreaterThan(1500)
    expect(records.at(-1)!.dueMs).toBeLessThanOrEqual(last)
  })

  test.each([1, 3])('by requests, so many arrivals count, with %i clients', async clients => {
    const spec: LoadOf = { load, warmUp: { requests: 10 }, measure: { requests: 50 } }
    const { records } = await driveClients(spec, { ...engine(), clients })
    expect(records.map(({ phase }) => phase).slice(0, 60)).toEqual([
      ...Array.from({ length: 10 }, () => 'warm-up'),
      ...Array.from({ length: 50 }, () => 'measure'),
    ])
    expect(of(records, 'measure')).toHaveLength(50)
  })

  test.each([1, 2])(
    'the last counts though all before it had ended when it was due, with %i clients',
    async clients => {
      const spec: LoadOf = {
        load: { kind: 'open', rate: 5, arrivals: 'constant' },
        warmUp: { requests: 0 },
        measure: { requests: 4 },
      }
      const { records } = await driveClients(spec, { ...engine(), clients })
      expect(of(records, 'measure').map(({ dueMs, outcome }) => [dueMs, outcome])).toEqual(
        [0, 200, 400, 600].map(dueMs => [dueMs, 'ok']),
      )
    },
  )

  test('after a warm-up by requests, seconds are counted from the next arrival on, in every client', async () => {
    const spec: LoadOf = { load, warmUp: { requests: 10 }, measure: { seconds: 1 } }
    const { records } = await driveClients(spec, { ...engine(), clients: 3 })
    const from = dueUntil(5000)[10]!
    for (const { dueMs, phase } of records)
      expect(phase).toBe(dueMs < from ? 'warm-up' : dueMs < from + 1000 ? 'measure' : 'cool-down')
  })

  test('a target that stands still shows in all that were due meanwhile', async () => {
    const spec: LoadOf = { load, warmUp: { seconds: 0 }, measure: { seconds: 4 } }
    const { records } = await driveClients(spec, engine({ stall: { afterMs: 1000, forMs: 2000 } }))
    const stalledFrom = records[0]!.dueMs + 1000
    const meanwhile = records.filter(({ dueMs }) => dueMs > stalledFrom && dueMs < stalledFrom + 2000)
    expect(meanwhile.length).toBeGreaterThan(300)
    for (const { dueMs, sentMs, arrivalsMs } of meanwhile) {
      expect(sentMs).toBe(dueMs)
      expect(arrivalsMs[0]).toBeGreaterThanOrEqual(stalledFrom + 2000)
    }
  })

  test.each([1, 2])(
    'no more than the limit are under way, and who waits for that was due before, with %i clients',
    async clients => {
      const spec: LoadOf = { ...bySeconds, load: { ...load, maxInFlight: 6 } }
      const { records, lagsMs } = await driveClients(spec, { ...engine(), clients })
      for (const { sentMs } of records)
        expect(records.filter(other => other.sentMs <= sentMs && sentMs < other.endMs).length).toBeLessThanOrEqual(6)
      const waited = of(records, 'measure').filter(({ dueMs, sentMs }) => sentMs > dueMs)
      expect(waited.length).toBeGreaterThan(50)
      // In order, and free at once when one has ended.
      const ends = new Set(records.map(({ endMs }) => endMs))
      for (const { sentMs } of waited) expect(ends).toContain(sentMs)
      expect(Math.max(...lagsMs)).toBe(0)
    },
  )

  test('a later turn is due when the answer before it has ended', async () => {
    const spec: LoadOf = { load, warmUp: { requests: 2 }, measure: { requests: 5 } }
    const { records } = await driveClients(spec, { ...engine(), work: { dialogue: () => turns(3) } })
    expect(of(records, 'measure')).toHaveLength(15)
    for (const { index, turn, dueMs } of records.filter(({ turn, phase }) => turn > 0 && phase === 'measure')) {
      const before = records.find(record => record.index === index && record.turn === turn - 1)!
      expect(before.outcome).toBe('ok')
      expect(dueMs).toBe(before.endMs)
    }
  })

  test('stopped in its midst, all that was due has one record, sent or not', async () => {
    const spec: LoadOf = { ...bySeconds, load: { ...load, maxInFlight: 4 } }
    const { records } = await driveClients(spec, { ...engine(), stopAtMs: 700 })
    expect(records.map(({ dueMs }) => dueMs)).toEqual(dueUntil(700))
    const aborted = records.filter(({ outcome }) => outcome === 'aborted')
    expect(new Set(aborted.map(({ error }) => error))).toEqual(
      new Set(['the run ended before it was sent', 'the run ended before its answer did']),
    )
    for (const { endMs } of aborted) expect(endMs).toBe(700)
  })

  test('an engine that does not let go of a request does not hold the run', async () => {
    const deaf = scriptedEngine(async function* () {
      yield { type: 'start', promptTokens: 3, cachedTokens: 1 }
      await new Promise(() => {})
    })
    const { records, endedMs } = await driveClients(bySeconds, { engine: () => deaf, stopAtMs: 600 })
    expect(records.map(({ dueMs }) => dueMs)).toEqual(dueUntil(600))
    expect(endedMs).toBe(3600)
    for (const { outcome, promptTokens, cachedTokens } of records)
      expect([outcome, promptTokens, cachedTokens]).toEqual(['aborted', 3, 1])
  })

  test.each([
    ['requests', { requests: 100 }],
    ['seconds', { seconds: 60 }],
  ] as const)('ends with its trace, however many %s were asked for', async (_, measure) => {
    const directory = mkdtempSync(join(tmpdir(), 'warpline-'))
    try {
      const path = join(directory, 'trace.jsonl')
      const lines = [0, 100, 100, 250].map(timestamp => ({ timestamp, input_length: 3, output_length: 4 }))
      writeFileSync(path, lines.map(line => JSON.stringify(line)).join('\n'))
      const spec: LoadOf = { load: { kind: 'trace', path }, warmUp: { requests: 1 }, measure }
      const { records, endedMs } = await driveClients(spec, { ...engine(), clients: 2 })
      expect(records.map(({ dueMs, phase, outcome }) => [dueMs, phase, outcome])).toEqual([
        [0, 'warm-up', 'ok'],
        [100, 'measure', 'ok'],
        [100, 'measure', 'ok'],
        [250, 'measure', 'ok'],
      ])
      expect(endedMs).toBeLessThan(300)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('a client that cannot keep up', () => {
  test('lets the event loop turn in between, and sends late what was due', async () => {
    let now = 0
    let sent = 0
    let turns = 0
    // Each request takes the client twice as long as there is between two.
    const slow: Work = {
      dialogue: () => {
        now += 10
        return singleTurns.dialogue(0)
      },
    }
    const clock: Clock = {
      now: () => now,
      at: (_, run) => {
        const immediate = setImmediate(run)
        return () => clearImmediate(immediate)
      },
    }
    const most = await new Promise<number>((resolve, reject) => {
      let before = 0
      let most = 0
      const count = () => {
        turns++
        most = Math.max(most, sent - before)
        before = sent
        if (turns === 50) client.stop()
        else setImmediate(count)
      }
      const deaf = scriptedEngine(async function* (_, { signal }) {
        sent++
        await new Promise(aborted => signal!.addEventListener('abort', aborted))
        yield* []
      })
      const client = new Client({
        spec: { target: 'mock:', seed: 1, work: { kind: 'file', path: '' }, ...bySeconds },
        runId: 'b',
        share: { number: 0, of: 1 },
        engine: deaf,
        work: slow,
        clock,
        onMeasured: () => {},
        onWarm: () => {},
      })
      setImmediate(count)
      client.run().then(() => resolve(most), reject)
    })
    expect(sent).toBeGreaterThan(50)
    expect(most).toBeLessThanOrEqual(64)
  })
})
