import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RequestRecord } from '../record/request-record.ts'
import type { RunSpec } from '../run/run.ts'
import type { Measures, Objective } from './measures.ts'
import { measuresOf } from './measures-of.ts'
import { record } from './testing/record.ts'

const spec: RunSpec = {
  target: 'mock:',
  work: { kind: 'file', path: 'prompts.txt' },
  load: { kind: 'closed', concurrency: 1 },
  seed: 1,
  warmUp: { requests: 0 },
  measure: { requests: 1 },
}

function measures(
  records: readonly RequestRecord[],
  objectives: readonly Objective[] = [],
  window = { fromMs: 0, toMs: 1000 },
): Measures {
  return measuresOf({ records, window, spec }, objectives)
}

/** Due at 100, sent at 130, four tokens in three arrivals, over at 230. */
const late = record({
  dueMs: 100,
  sentMs: 130,
  endMs: 230,
  arrivals: [150, 160, 210],
  tokens: [1, 2, 1],
  promptTokens: 10,
  cachedTokens: 4,
})

// What each would be by a definition that is in use elsewhere stands beside it.
test.each<[what: string, value: (measures: Measures) => number, right: number, wrong: number]>([
  ['TTFT counts from when the request was due, not from its sending', m => m.ttft.mean.value, 50, 20],
  ['TTFT from the sending is another measure', m => m.ttftFromSent.mean.value, 20, 50],
  ['TPOT is over n − 1 tokens, not over n', m => m.tpot.mean.value, 60 / 3, 60 / 4],
  ['TPOT leaves the first token out, not E2E over n', m => m.tpot.mean.value, 20, 130 / 4],
  ['a gap is between arrivals, not between tokens', m => m.itl.count, 2, 3],
  ['the mean gap is not TPOT', m => m.itl.mean.value, 30, 20],
  ['the largest gap', m => m.largestGap.mean.value, 50, 30],
  ['E2E counts from when the request was due', m => m.e2e.mean.value, 130, 100],
  ['what the client held back', m => m.clientQueue.mean.value, 30, 0],
  ['output tokens, without those of the prompt', m => m.tokens.output, 4, 14],
  ['output tokens per second of what passed', m => m.tokens.outputPerSecond.value, 4 / 0.13, 14 / 0.13],
  ['all tokens per second are prompt and output', m => m.tokens.totalPerSecond.value, 14 / 0.13, 4 / 0.13],
  ['arrivals of several tokens', m => m.tokens.multiTokenArrivals, 1, 2],
])('%s', (_, value, right, wrong) => {
  const found = value(measures([late]))
  expect(found).toBeCloseTo(right, 9)
  expect(found).not.toBeCloseTo(wrong, 3)
})

test.each([
  ['a run that was cut short knows nothing of what it gave up', 'interrupted', 0],
  ['a run that came to its end failed where it gave up', null, 1],
] as const)('%s', (_, cutShort, failed) => {
  const records = [record({ arrivals: [500] }), record({ outcome: 'aborted' }), record({ outcome: 'unreachable' })]
  const { requests } = measuresOf({ records, window: { fromMs: 0, toMs: 1000 }, spec, cutShort })
  expect(requests).toMatchObject({ offered: 2 + failed, ok: 1, failed: 1 + failed })
})

test('rates are over the time that passed, not over the sum of latencies', () => {
  // Four at once, each of a second.
  const together = Array.from({ length: 4 }, () => record({ arrivals: [500, 1000] }))
  const { requests, tokens } = measures(together)
  expect(requests.perSecond.value).toBe(4)
  expect(tokens.outputPerSecond.value).toBe(8)
})

test('gaps are pooled: a long answer counts for as many as it has', () => {
  const long = record({ arrivals: [0, 10, 20, 30, 40] })
  const short = record({ arrivals: [0, 100] })
  const { itl } = measures([long, short])
  expect([itl.count, itl.mean.value]).toEqual([5, 28])
})

test('an answer of one token, of one arrival, or without text has no pace and no gap', () => {
  const one = record({ arrivals: [40] })
  const whole = record({ arrivals: [50], tokens: [8] })
  const empty = record({ endMs: 60 })
  const found = measures([one, whole, empty])
  expect([found.tpot.count, found.itl.count, found.largestGap.count]).toEqual([0, 0, 0])
  expect([found.ttft.count, found.ttft.min, found.ttft.max]).toEqual([3, 40, 60])
  expect(found.tpot).toMatchObject({ mean: { value: 0, low: null, high: null }, p50: null })
})

test('failed requests are offered and counted by kind, and have no part in latencies and tokens', () => {
  const failed = record({ outcome: 'overloaded', error: 'full', dueMs: 10, endMs: 2000, arrivals: [900] })
  const again = record({ outcome: 'overloaded', error: 'fuller', dueMs: 20, endMs: 30 })
  const { requests, tokens, ttft } = measures([late, failed, again])
  expect(requests).toMatchObject({
    offered: 3,
    ok: 1,
    failed: 2,
    errors: { overloaded: 2 },
    examples: { overloaded: 'full' },
    seconds: 1.99,
  })
  expect([tokens.output, ttft.count]).toEqual([4, 1])
})

test('only what was due in the measured part counts, whenever it ended', () => {
  const warm = record({ phase: 'warm-up', arrivals: [500], promptTokens: 7 })
  const cool = record({ phase: 'cool-down', dueMs: 900, arrivals: [950] })
  const { requests, tokens } = measures([warm, late, cool])
  expect([requests.offered, tokens.output, tokens.prompt]).toEqual([1, 4, 10])
})

test('the steady rate counts what arrived in the window, of requests of every phase', () => {
  const records = [
    record({ phase: 'warm-up', arrivals: [50, 150] }),
    record({ dueMs: 100, arrivals: [180, 250] }),
    record({ phase: 'cool-down', dueMs: 190, outcome: 'aborted', arrivals: [199, 300] }),
  ]
  expect(measures(records, [], { fromMs: 100, toMs: 200 }).tokens.steadyPerSecond).toBe(30)
})

test('a chunk stands for its part of the tokens where the target counts only all of them', () => {
  const chunked = record({ arrivals: [50, 150], outputTokens: 6 })
  expect(measures([chunked], [], { fromMs: 100, toMs: 1100 }).tokens.steadyPerSecond).toBe(3)
})

test('answers that are longer or shorter than asked for are counted', () => {
  expect(measures([late, record({ arrivals: [1], askedTokens: 2 })]).tokens.oddLengths).toBe(1)
})

test('what kept all its objectives is good; what failed is not', () => {
  const quick = record({ arrivals: [10, 20], endMs: 20 })
  const failed = record({ outcome: 'internal', endMs: 1 })
  const share = (objectives: readonly Objective[]) => measures([quick, late, failed], objectives).goodput?.share
  const third = 1 / 3
  for (const [objectives, expected] of [
    [[{ measure: 'ttft', belowMs: 51 }], 2 * third],
    [[{ measure: 'ttft', belowMs: 50 }], third],
    [[{ measure: 'tpot', belowMs: 15 }], third],
    [[{ measure: 'itl', belowMs: 31 }], 2 * third],
    [[{ measure: 'gap', belowMs: 31 }], third],
    [[{ measure: 'e2e', belowMs: 131 }], 2 * third],
    [
      [
        { measure: 'ttft', belowMs: 51 },
        { measure: 'gap', belowMs: 31 },
      ],
      third,
    ],
  ] satisfies [Objective[], number][]) {
    expect(share(objectives)).toBeCloseTo(expected, 12)
  }
  expect(measures([quick]).goodput).toBeNull()
  expect(measures([record({ arrivals: [5] })], [{ measure: 'itl', belowMs: 1 }]).goodput?.share).toBe(1)
})

test.each([
  [19, { p50: false, p90: false, p95: false, p99: false }],
  [20, { p50: true, p90: false, p95: false, p99: false }],
  [100, { p50: true, p90: true, p95: false, p99: false }],
  [199, { p50: true, p90: true, p95: false, p99: false }],
  [200, { p50: true, p90: true, p95: true, p99: false }],
  [1000, { p50: true, p90: true, p95: true, p99: true }],
])('of %d samples only those percentiles are told that they can bear', (count, told) => {
  const { ttft } = measures(Array.from({ length: count }, (_, i) => record({ dueMs: i, arrivals: [i * 2 + 1] })))
  const { p50, p90, p95, p99 } = ttft
  expect({ p50: p50 !== null, p90: p90 !== null, p95: p95 !== null, p99: p99 !== null }).toEqual(told)
})

test('every interval holds its figure', () => {
  const records = Array.from({ length: 1200 }, (_, i) =>
    record({ dueMs: i, arrivals: [i + 5 + (i % 7), i + 20 + (i % 3)] }),
  )
  const found = measures(records, [], { fromMs: 0, toMs: 1200 })
  const estimates = [found.ttft, found.itl, found.e2e].flatMap(({ mean, p50, p99 }) => [mean, p50, p99])
  for (const estimate of [...estimates, found.requests.perSecond, found.tokens.outputPerSecond]) {
    expect(estimate?.low).toBeLessThanOrEqual(estimate!.value)
    expect(estimate?.high).toBeGreaterThanOrEqual(estimate!.value)
  }
})

test('of nothing there are noughts, not NaN', () => {
  const text = JSON.stringify(measures([], [{ measure: 'ttft', belowMs: 1 }]), (_, value) =>
    Number.isNaN(value) ? 'NaN' : value,
  )
  expect(text).not.toContain('NaN')
})

const anyRecord = fc
  .record({
    due: fc.integer({ min: 0, max: 1000 }),
    held: fc.integer({ min: 0, max: 50 }),
    gaps: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 6 }),
    tokens: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 6, maxLength: 6 }),
    prompt: fc.integer({ min: 0, max: 100 }),
    outcome: fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'overloaded' as const, 'internal' as const),
    phase: fc.constantFrom('warm-up' as const, 'measure' as const, 'measure' as const, 'cool-down' as const),
  })
  .map(({ due, held, gaps, tokens, prompt, outcome, phase }) => {
    const arrivals: number[] = []
    for (const gap of gaps) arrivals.push((arrivals.at(-1) ?? due + held) + gap)
    return record({
      dueMs: due,
      sentMs: due + held,
      endMs: (arrivals.at(-1) ?? due + held) + 1,
      arrivals,
      tokens: tokens.slice(0, arrivals.length),
      promptTokens: prompt,
      outcome,
      phase,
    })
  })
const anyRecords = fc.array(anyRecord, { maxLength: 40 })
const objectives: readonly Objective[] = [{ measure: 'e2e', belowMs: 150 }]

/** The same run, its times changed. */
function retimed(records: readonly RequestRecord[], change: (ms: number) => number): RequestRecord[] {
  return records.map(each => ({
    ...each,
    dueMs: change(each.dueMs),
    sentMs: change(each.sentMs),
    endMs: change(each.endMs),
    arrivalsMs: each.arrivalsMs.map(change),
  }))
}

test('nothing is lost: what was offered went well or failed, and tokens add up', () => {
  fc.assert(
    fc.property(anyRecords, records => {
      const measured = records.filter(({ phase }) => phase === 'measure')
      const ok = measured.filter(({ outcome }) => outcome === 'ok')
      const { requests, tokens, goodput, ttft, itl, e2e } = measures(records, objectives)
      const sum = (of: (record: RequestRecord) => number) => ok.reduce((total, each) => total + of(each), 0)
      expect(requests.offered).toBe(measured.length)
      expect(requests.ok + requests.failed).toBe(requests.offered)
      expect(Object.values(requests.errors).reduce((a, b) => a + b, 0)).toBe(requests.failed)
      expect([ttft.count, e2e.count]).toEqual([ok.length, ok.length])
      expect(tokens.output).toBe(sum(({ outputTokens }) => outputTokens))
      expect(tokens.prompt).toBe(sum(({ promptTokens }) => promptTokens))
      expect(tokens.arrivals).toBe(sum(({ arrivalsMs }) => arrivalsMs.length))
      expect(itl.count).toBe(sum(({ arrivalsMs }) => Math.max(0, arrivalsMs.length - 1)))
      expect(goodput?.share).toBeLessThanOrEqual(requests.offered === 0 ? 0 : requests.ok / requests.offered)
      expect(e2e.min).toBeGreaterThanOrEqual(ttft.min)
    }),
    { numRuns: 40 },
  )
})

test('it does not matter when a run was', () => {
  fc.assert(
    fc.property(anyRecords, fc.integer({ min: -5000, max: 5000 }), (records, by) => {
      const there = measures(records, objectives)
      const later = retimed(records, ms => ms + by)
      expect(measures(later, objectives, { fromMs: by, toMs: 1000 + by })).toEqual(there)
    }),
    { numRuns: 20 },
  )
})

test('where all takes k times as long, latencies are k times as great and rates a k-th', () => {
  fc.assert(
    fc.property(anyRecords, fc.constantFrom(2, 4), (records, k) => {
      const there = measures(records)
      const slow = measures(
        retimed(records, ms => ms * k),
        [],
        { fromMs: 0, toMs: 1000 * k },
      )
      for (const name of ['ttft', 'ttftFromSent', 'tpot', 'itl', 'largestGap', 'e2e', 'clientQueue'] as const) {
        expect(slow[name].mean.value).toBeCloseTo(k * there[name].mean.value, 6)
        expect(slow[name].max).toBeCloseTo(k * there[name].max, 6)
      }
      expect(slow.requests.perSecond.value).toBeCloseTo(there.requests.perSecond.value / k, 6)
      expect(slow.tokens.steadyPerSecond).toBeCloseTo(there.tokens.steadyPerSecond / k, 6)
    }),
    { numRuns: 20 },
  )
})
