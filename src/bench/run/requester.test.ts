import { describe, expect, test } from 'vitest'
import { saying, scriptedEngine } from '../../../test/scripted-engine.ts'
import { VirtualClock } from '../../clock/index.ts'
import {
  type DoneEvent,
  type Engine,
  type GenerateRequest,
  InternalError,
  OverloadedError,
  type Timeline,
} from '../../engine/index.ts'
import { createMockEngine } from '../../mock/index.ts'
import { readRecords } from '../record/record-columns.ts'
import type { RequestRecord } from '../record/request-record.ts'
import { Ledger } from './ledger.ts'
import { Requester } from './requester.ts'

const ask = { input: { text: 'Once' }, maxTokens: 4, ignoreEos: true }
const first = { ask, index: 7, turn: 1, phase: 'measure', dueMs: 1, releasedMs: 1 } as const

function setUp(engine: Engine, clock = new VirtualClock(), timeoutMs = 1000) {
  const ledger = new Ledger()
  const requester = new Requester({ engine, clock, ledger, runId: 'run', timeline: true, timeoutMs })
  const records = () => readRecords(ledger.take(), 'run').records
  return { requester, ledger, clock, records }
}

async function recordOf(engine: Engine): Promise<RequestRecord> {
  const { requester, records } = setUp(engine)
  await requester.send(first)
  return records()[0]!
}

const start = { type: 'start', promptTokens: 5, cachedTokens: 2 } as const
const tokens = (text: string, ids: number[]) => ({ type: 'tokens', choice: 0, ids, text }) as const
const timeline: Timeline = { queuedAt: 1, admittedAt: 2, startedAt: 3, tokensAt: [4, 5.5], tokens: [1, 2], endedAt: 6 }
const done = (completionTokens: number, rest: Partial<DoneEvent> = {}): DoneEvent => ({
  type: 'done',
  choices: [{ finishReason: 'length', completionTokens }],
  usage: { promptTokens: 5, cachedTokens: 2, completionTokens },
  timings: { queuedMs: 1, prefillMs: 2, decodeMs: 3 },
  ...rest,
})

describe('a request', () => {
  test('has a record of when what came of it', async () => {
    const clock = new VirtualClock()
    const { requester, records } = setUp(createMockEngine({ ttftMs: 20, itlMs: 5, clock }), clock)
    await clock.advance(3)
    const answered = requester.send(first)
    await clock.advance(100)
    expect(await answered).toMatchObject({ endMs: 38, outcome: 'ok' })
    expect(records()).toEqual([
      {
        id: 'run-7.1',
        index: 7,
        turn: 1,
        phase: 'measure',
        dueMs: 1,
        sentMs: 3,
        startMs: 23,
        endMs: 38,
        arrivalsMs: Float64Array.of(23, 28, 33, 38),
        arrivalTokens: Uint32Array.of(1, 1, 1, 1),
        promptTokens: 1,
        cachedTokens: 0,
        outputTokens: 4,
        askedTokens: 4,
        outcome: 'ok',
        finishReason: 'length',
        timings: { queuedMs: 0, prefillMs: 20, decodeMs: 15 },
      },
    ])
  })

  test('bears its id and what the work and the run ask for', async () => {
    let seen: GenerateRequest | undefined
    const engine = scriptedEngine(request => {
      seen = request
      return saying(start, done(0))()
    })
    await setUp(engine).requester.send({ ...first, ask: { ...ask, sampling: { temperature: 0 } } })
    expect(seen).toEqual({
      input: { text: 'Once' },
      sampling: { temperature: 0, maxTokens: 4, ignoreEos: true },
      id: 'run-7.1',
      timeline: true,
    })
  })

  test('counts tokens as the target does, and a chunk whose tokens nobody counted as one', async () => {
    const record = await recordOf(
      scriptedEngine(saying(start, tokens('a b', [1, 2]), tokens('c', []), tokens('', []), done(9))),
    )
    expect([...record.arrivalTokens]).toEqual([2, 1])
    expect(record.outputTokens).toBe(9)
    expect([record.promptTokens, record.cachedTokens]).toEqual([5, 2])
  })

  test('keeps the target own view of it', async () => {
    const record = await recordOf(scriptedEngine(saying(start, tokens('a', [1]), done(3, { timeline }))))
    expect(record.timeline).toEqual(timeline)
    expect(record.timings).toEqual({ queuedMs: 1, prefillMs: 2, decodeMs: 3 })
  })

  test('that breaks off keeps what came, and why', async () => {
    const error = new OverloadedError('the queue is full')
    const record = await recordOf(scriptedEngine(saying(start, tokens('a', [1, 2]), error)))
    expect(record).toMatchObject({
      outcome: 'overloaded',
      error: 'the queue is full',
      outputTokens: 2,
      promptTokens: 5,
    })
    expect(record).not.toHaveProperty('finishReason')
    expect(record).not.toHaveProperty('timings')
  })

  test.each([
    ['an engine that ends without a word', saying(start), 'the engine ended a request without done'],
    ['a fault of ours', saying(start, new InternalError('lost')), 'lost'],
    ['what is no error of an engine', saying(start, new TypeError('x is not a function')), 'x is not a function'],
  ])('%s is a failure', async (_, script, error) => {
    expect(await recordOf(scriptedEngine(script))).toMatchObject({ outcome: 'internal', error })
  })

  test('that takes too long is given up at its time, and the others go on', async () => {
    const clock = new VirtualClock()
    const engine = createMockEngine({ ttftMs: 20, itlMs: 300, steps: 'own', clock })
    const { requester, records } = setUp(engine, clock, 1000)
    const long = { ...ask, maxTokens: 10 }
    void requester.send({ ...first, ask: long })
    await clock.advance(500)
    void requester.send({ ...first, index: 8, ask: long })
    void requester.send({ ...first, index: 9 })
    await clock.advance(5000)
    expect(requester.inFlight).toBe(0)
    expect(records().map(({ index, endMs, outcome, error }) => [index, endMs, outcome, error])).toEqual([
      [7, 1000, 'deadline_exceeded', 'no answer within 1 s'],
      [9, 1420, 'ok', undefined],
      [8, 1500, 'deadline_exceeded', 'no answer within 1 s'],
    ])
  })

  test('the books count what is over, and first tokens', async () => {
    const clock = new VirtualClock()
    const { requester, ledger } = setUp(createMockEngine({ ttftMs: 20, itlMs: 5, clock }), clock)
    void requester.send({ ...first, dueMs: 0 })
    await clock.advance(26)
    expect(ledger.counts()).toEqual({ completed: 0, failed: 0, tokens: 2, firsts: 1, firstsMs: 20 })
    requester.stop()
    await clock.advance(1)
    expect(ledger.counts()).toEqual({ completed: 0, failed: 0, tokens: 2, firsts: 1, firstsMs: 20 })
  })
})
