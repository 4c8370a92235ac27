import { describe, expect, test } from 'vitest'
import type { Collected, DoneEvent, StartEvent } from '../../src/engine/index.ts'
import { faultsOf, type Terms } from './checks.ts'
import type { Outcome } from './client.ts'
import type { Planned } from './workload.ts'

const start: StartEvent = { type: 'start', promptTokens: 3, cachedTokens: 0 }
const done: DoneEvent = {
  type: 'done',
  choices: [{ finishReason: 'length', completionTokens: 2 }],
  usage: { promptTokens: 3, cachedTokens: 0, completionTokens: 2 },
  timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
}
const reference: Collected = { start, choices: [{ text: ' ba bu', ids: [1, 2] }], done }
const terms: Terms = {
  isOneWell: () => true,
  models: undefined,
  tableChanges: false,
  closesAt: undefined,
  failover: true,
  hidesIds: false,
  slackMs: 1,
}

const planned = (rest: Partial<Planned> = {}): Planned => ({
  id: 7,
  kind: 'greedy',
  at: 0,
  request: { input: { text: 'Once' } },
  ...rest,
})
const completed: Outcome = {
  planned: planned(),
  how: 'completed',
  start,
  done,
  texts: [' ba bu'],
  ids: [[1, 2]],
  logprobs: [],
  beganAt: 0,
  endedAt: 100,
  breaches: [],
}
const failed = (code: string, rest: Partial<Outcome> = {}): Outcome => {
  const { start: _, done: __, ...outcome } = completed
  return { ...outcome, how: 'failed', code, message: 'why', texts: [], ids: [], ...rest }
}

describe('a good outcome has no faults', () => {
  test.each<[string, Outcome, Partial<Terms>?]>([
    ['an answer as a lone engine gives it', completed],
    ['one without ids, where none are told', { ...completed, ids: [[-1, -1]] }, { hidesIds: true }],
    ['one that its client left', { ...completed, how: 'left', texts: [' ba'], ids: [[1]] }],
    ['one that its client aborted', failed('aborted', { planned: planned({ abortAfterMs: 5 }) })],
    ['a request that is wrong', failed('invalid_request', { planned: planned({ kind: 'invalid' }) })],
    ['no engine left', failed('unreachable'), { isOneWell: () => false }],
    ['a drawn answer that broke off', failed('unreachable', { planned: planned({ kind: 'free' }), texts: [' ba'] })],
    ['one that broke off without failover', failed('unreachable', { texts: [' ba'] }), { failover: false }],
  ])('%s', (_, outcome, rest) => {
    expect(faultsOf(outcome, outcome.how === 'failed' ? undefined : reference, { ...terms, ...rest })).toEqual([])
  })
})

describe('is found', () => {
  test.each<[string, Outcome, Partial<Terms>?]>([
    ['a token that came twice', { ...completed, texts: [' ba ba bu'], ids: [[1, 1, 2]] }],
    ['a token that was lost', { ...completed, texts: [' bu'], ids: [[2]] }],
    ['text that was lost though its ids came', { ...completed, texts: [' ba'] }],
    ['another end', { ...completed, done: { ...done, choices: [{ finishReason: 'stop', completionTokens: 2 }] } }],
    ['a wrong usage', { ...completed, done: { ...done, usage: { ...done.usage, completionTokens: 3 } } }],
    ['another prompt', { ...completed, start: { ...start, promptTokens: 4 } }],
    ['an end without done', { ...completed, breaches: ['an end without done'] }],
    ['a failure that another engine could have mended', failed('unreachable')],
    ['an error that is nobody’s to see', failed('engine_closed'), { isOneWell: () => false }],
    ['an abort that nobody asked for', failed('aborted')],
    [
      'a drawn answer that was not asked for again before its first token',
      failed('unreachable', { planned: planned({ kind: 'free' }) }),
    ],
    [
      'a deadline that is over too early',
      failed('deadline_exceeded', {
        planned: planned({ request: { input: { text: 'Once' }, routing: { deadlineMs: 200 } } }),
      }),
    ],
    [
      'a deadline that nobody kept',
      { ...completed, planned: planned({ request: { input: { text: 'Once' }, routing: { deadlineMs: 50 } } }) },
    ],
  ])('%s', (_, outcome, rest) => {
    expect(faultsOf(outcome, outcome.how === 'failed' ? undefined : reference, { ...terms, ...rest })).not.toEqual([])
  })
})
