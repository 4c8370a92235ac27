import { expect, test } from 'vitest'
import { chromeTrace } from './chrome-trace.ts'
import type { StepReport } from './report.ts'

const step: StepReport = {
  kind: 'decode',
  test: 'decode, batch 1',
  tokens: 1,
  operations: [
    { name: 'embed', detail: 'a', ms: 0.002, bytes: 1, flops: 0 },
    { name: 'gemv', detail: 'b', ms: 0.003, bytes: 2, flops: 4 },
  ],
  groups: [],
  sumMicroseconds: 5,
  togetherMicroseconds: 4.5,
  graphMicroseconds: 4,
  markMicroseconds: 0.5,
  loopMicroseconds: 6,
  hostMicroseconds: 1,
}

test('host phases begin at 0, operations lie end to end, the graph beside them', () => {
  const spans = [
    { name: 'plan', startMs: 10.001, ms: 0.001 },
    { name: 'step', startMs: 10, ms: 0.006 },
  ] as const
  const { traceEvents } = chromeTrace(spans, [step])
  const slices = traceEvents.flatMap(event => (event.ph === 'X' ? [event] : []))
  const rounded = slices.map(({ pid, tid, name, ts, dur }) => [
    pid,
    tid,
    name,
    Math.round(ts * 10) / 10,
    Math.round(dur * 10) / 10,
  ])
  expect(rounded).toEqual([
    [1, 1, 'plan', 1, 1],
    [1, 1, 'step', 0, 6],
    [2, 1, 'embed', 0, 2],
    [2, 1, 'gemv', 2, 3],
    [2, 2, 'graph', 0, 4],
  ])
  const lanes = new Set(
    traceEvents.flatMap(event => (event.name === 'thread_name' ? [`${event.pid} ${event.tid}`] : [])),
  )
  for (const { pid, tid } of slices) expect(lanes).toContain(`${pid} ${tid}`)
})

test('a step that was never recorded is shown as it was launched', () => {
  const { traceEvents } = chromeTrace([], [{ ...step, graphMicroseconds: null }])
  expect(traceEvents).toContainEqual(expect.objectContaining({ cat: 'step', name: 'step', dur: 4.5 }))
})
