import { expect, test } from 'vitest'
import type { Phase, RequestRecord } from '../record/request-record.ts'
import { measuredWindow } from './window.ts'

const NEVER = Number.POSITIVE_INFINITY
const record = (phase: Phase, dueMs: number, endMs: number) => ({ phase, dueMs, endMs }) as RequestRecord
const load = [
  record('warm-up', 0, 90),
  record('measure', 40, 95),
  record('cool-down', 50, 150),
  record('measure', 60, 130),
  record('cool-down', 95, 150),
]
const closed = { load: { kind: 'closed', concurrency: 2 } } as const
const requests = { ...closed, warmUp: { requests: 1 }, measure: { requests: 2 } }
const seconds = { ...closed, warmUp: { seconds: 0.03 }, measure: { seconds: 0.06 } }
const trace = {
  load: { kind: 'trace', path: 'trace.jsonl' },
  warmUp: { seconds: 0 },
  measure: { seconds: 60 },
} as const

test.each([
  ['requests: until the load goes on uncounted behind them all', requests, load, undefined, NEVER, [40, 95]],
  ['requests, and none behind them: until the last end', requests, load.slice(0, 4), undefined, NEVER, [40, 130]],
  ['seconds: so many from the end of the warm-up', seconds, load, undefined, NEVER, [40, 90]],
  ['seconds from a moment that was agreed upon', { ...requests, measure: seconds.measure }, load, 35, NEVER, [40, 95]],
  ['seconds from the first that counts', { ...requests, measure: seconds.measure }, load, undefined, NEVER, [40, 100]],
  ['a trace that was shorter', trace, load.slice(0, 2), undefined, NEVER, [40, 95]],
  ['cut short', seconds, load, undefined, 70, [40, 70]],
  ['cut short before anything counted', seconds, load.slice(0, 1), undefined, 20, [30, 30]],
  ['nothing at all', requests, [], undefined, NEVER, [0, 0]],
] as const)('%s', (_, spec, records, agreed, cutMs, [fromMs, toMs]) => {
  expect(measuredWindow(spec, records, agreed, cutMs)).toEqual({ fromMs, toMs })
})
