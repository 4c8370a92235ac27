import { expect, test } from 'vitest'
import type { RequestRecord } from '../record/request-record.ts'
import { LostTarget } from './lost-target.ts'

const ended = (outcome: RequestRecord['outcome'], endMs: number) =>
  ({ outcome, endMs, ...(outcome !== 'ok' && { error: `it was ${outcome}` }) }) as RequestRecord
const many = (count: number, outcome: RequestRecord['outcome'], endMs: number) =>
  Array.from({ length: count }, () => ended(outcome, endMs))

test.each([
  [
    'nothing has come of anything for so long',
    many(10, 'unreachable', 100),
    3000,
    'the last 10 requests failed: it was unreachable',
  ],
  ['so few failed that it may be chance', many(9, 'unreachable', 100), 60_000, undefined],
  ['it is too soon to say', many(50, 'unreachable', 100), 2999, undefined],
  [
    'something succeeded a while ago',
    [ended('ok', 1000), ...many(10, 'internal', 1100)],
    4000,
    'the last 10 requests failed: it was internal',
  ],
  ['something succeeded just now', [ended('ok', 1000), ...many(10, 'internal', 1100)], 3999, undefined],
  ['something succeeded since', [...many(50, 'internal', 1100), ended('ok', 1200)], 60_000, undefined],
  ['too much is asked of it', many(50, 'overloaded', 100), 60_000, undefined],
  ['it is too slow', many(50, 'deadline_exceeded', 100), 60_000, undefined],
  ['nothing was asked', [], 60_000, undefined],
] as const)('%s', (_, records, nowMs, verdict) => {
  const lost = new LostTarget()
  lost.see(records)
  expect(lost.verdict(nowMs)).toBe(verdict)
})
