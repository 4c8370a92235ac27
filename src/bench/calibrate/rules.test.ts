import { expect, test } from 'vitest'
import type { Distribution, Estimate, Measures } from '../measures/measures.ts'
import type { Calibration } from '../report/bench-report.ts'
import type { ClientHealth, RunSpec } from '../run/run.ts'
import { judge } from './judge.ts'
import { RULES } from './rules.ts'

const estimate = (value: number): Estimate => ({ value, low: null, high: null })
const distribution = (median: number, p99: number): Distribution => ({
  count: 5000,
  mean: estimate(median),
  deviation: 0,
  min: median,
  max: p99,
  p50: estimate(median),
  p90: estimate(median),
  p95: estimate(p99),
  p99: estimate(p99),
})

const spec: RunSpec = {
  target: 'http://10.0.0.1:8090',
  work: {
    kind: 'synthetic',
    prompt: { kind: 'fixed', tokens: 100 },
    output: { kind: 'fixed', tokens: 10 },
    as: 'tokens',
  },
  load: { kind: 'closed', concurrency: 8 },
  seed: 1,
  warmUp: { seconds: 1 },
  measure: { seconds: 10 },
}
const open = { load: { kind: 'open', rate: 100, arrivals: 'poisson' } } as const
const limited = { load: { ...open.load, maxInFlight: 4 } } as const
const measures: Measures = {
  requests: { offered: 5000, ok: 5000, failed: 0, errors: {}, examples: {}, perSecond: estimate(500), seconds: 10 },
  tokens: {
    prompt: 1,
    cached: 0,
    output: 50_000,
    outputPerSecond: estimate(5000),
    totalPerSecond: estimate(5001),
    steadyPerSecond: 5000,
    multiTokenArrivals: 0,
    arrivals: 50_000,
    oddLengths: 0,
  },
  ttft: distribution(100, 200),
  ttftFromSent: distribution(100, 200),
  tpot: distribution(10, 20),
  itl: distribution(10, 20),
  largestGap: distribution(20, 30),
  e2e: distribution(200, 400),
  clientQueue: distribution(0, 0),
  goodput: null,
}
const client: ClientHealth = {
  processes: 1,
  cpu: 0.5,
  sendLag: { p50: 0.1, p99: 0.2, max: 1 },
  loopLag: { p50: 0.1, p99: 0.5, max: 1 },
  gcMs: 10,
  longestGcMs: 2,
  unsent: 0,
}
const calibration: Calibration = {
  requestsPerSecond: 5000,
  tokensPerSecond: 100_000,
  ttft: { p50: 0.3, p99: 1 },
  itl: { p50: 0.05, p99: 1 },
}

interface Change {
  readonly spec?: Partial<RunSpec>
  readonly requests?: Partial<Measures['requests']>
  readonly tokens?: Partial<Measures['tokens']>
  readonly latencies?: Partial<Measures>
  readonly client?: Partial<ClientHealth>
  readonly calibration?: Partial<Calibration> | null
}

function verdictOf(change: Change) {
  const { requests, tokens } = measures
  return judge(
    { ...spec, ...change.spec },
    {
      ...measures,
      ...change.latencies,
      requests: { ...requests, ...change.requests },
      tokens: { ...tokens, ...change.tokens },
    },
    { ...client, ...change.client },
    change.calibration === null ? null : { ...calibration, ...change.calibration },
  )
}

const lag = (p99: number) => ({ p50: 0, p99, max: p99 })
const quick = { latencies: { ttft: distribution(10, 20) } }

/** Just within what is allowed, just beyond, and what is said then. */
const CASES: readonly (readonly [name: string, within: Change, beyond: Change, sentence: string])[] = [
  [
    'send lag',
    { spec: open, client: { sendLag: lag(5) } },
    { spec: open, client: { sendLag: lag(5.1) } },
    'requests went out late, by 5.1 ms at p99, where 5.0 ms are allowed: ',
  ],
  [
    'send lag',
    { ...quick, spec: open, client: { sendLag: lag(1) } },
    { ...quick, spec: open, client: { sendLag: lag(1.1) } },
    'requests went out late, by 1.1 ms at p99, where 1.0 ms are allowed: ',
  ],
  [
    'send lag',
    { client: { sendLag: lag(50) } },
    { spec: { load: { kind: 'trace', path: 'a' } }, client: { sendLag: lag(50) } },
    'requests went out late, by 50 ms at p99, where 5.0 ms are allowed: ',
  ],
  [
    'unsent',
    { spec: open, client: { unsent: 25 } },
    { spec: open, client: { unsent: 26 } },
    '26 of 5000 requests that were due had not gone out by the end: ',
  ],
  [
    'processor',
    { client: { cpu: 0.9 } },
    { client: { cpu: 0.95 } },
    'a client process was busy for 95 % of the time, where 90 % are allowed: ',
  ],
  [
    'processor',
    { spec: { target: 'native:ember' }, client: { cpu: 1 }, calibration: null },
    { client: { cpu: 1 } },
    'a client process was busy for 100 % of the time, where 90 % are allowed: ',
  ],
  [
    'loop lag',
    { client: { loopLag: lag(10) } },
    { client: { loopLag: lag(10.6) } },
    'the client’s event loop was late, by 11 ms at p99, where 10 ms are allowed: ',
  ],
  [
    'loop lag',
    { ...quick, client: { loopLag: lag(5) } },
    { ...quick, client: { loopLag: lag(5.2) } },
    'the client’s event loop was late, by 5.2 ms at p99, where 5.0 ms are allowed: ',
  ],
  [
    'garbage',
    { client: { longestGcMs: 100 } },
    { client: { longestGcMs: 101 } },
    'the client stood still for 101 ms to collect garbage, where 100 ms are allowed: ',
  ],
  [
    'garbage',
    { latencies: { ttft: { ...distribution(100, 200), p99: null, max: 300 } }, client: { longestGcMs: 150 } },
    { client: { longestGcMs: 150 } },
    'the client stood still for 150 ms to collect garbage, where 100 ms are allowed: ',
  ],
  [
    'request rate',
    { requests: { perSecond: estimate(4000) } },
    { requests: { perSecond: estimate(4001) } },
    '4001 requests/s are over 80 % of the 5000 that the client makes of a server that answers at once: ',
  ],
  [
    'token rate',
    { tokens: { outputPerSecond: estimate(80_000) } },
    { tokens: { outputPerSecond: estimate(80_001) } },
    '80001 tokens/s are over 80 % of the 100000 that the client reads from a server that sends at once: ',
  ],
  [
    'own latency',
    { calibration: { ttft: { p50: 10, p99: 20 } } },
    { calibration: { ttft: { p50: 10.2, p99: 20 } } },
    'the client adds 10 ms of its own to a median TTFT of 100 ms, where 10 % are allowed: ',
  ],
  [
    'own latency',
    { latencies: { ttft: { ...distribution(1, 200), p50: null, mean: estimate(100) } } },
    { latencies: { ttft: distribution(2, 200) } },
    'the client adds 0.30 ms of its own to a median TTFT of 2.0 ms, where 10 % are allowed: ',
  ],
  [
    'nothing succeeded',
    { requests: { ok: 100, failed: 0, offered: 100 } },
    { requests: { ok: 0, failed: 3, offered: 3, examples: { unreachable: 'nobody listens' } } },
    'none of 3 requests succeeded: there is nothing to measure, e.g. nobody listens',
  ],
  [
    'failures',
    { requests: { failed: 49, ok: 4951 } },
    { requests: { failed: 50, ok: 4950, examples: { overloaded: 'full' } } },
    '50 of 5000 requests failed, and latencies are of the others alone, e.g. full',
  ],
  [
    'held back',
    { spec: limited },
    { spec: limited, client: { unsent: 3000 } },
    '3000 requests were still held back by the limit of requests in flight at the end',
  ],
  [
    'own gaps',
    { calibration: { itl: { p50: 1, p99: 1 } } },
    { calibration: { itl: { p50: 1.2, p99: 1 } } },
    'the client shifts gaps by 1.2 ms of its own, beside a median ITL of 10 ms: TPOT is the surer figure',
  ],
  [
    'odd lengths',
    { tokens: { oddLengths: 50 } },
    { tokens: { oddLengths: 51 } },
    '51 of 5000 answers were not as long as asked: tokens/s and E2E latency do not compare with those of other runs',
  ],
  [
    'few requests',
    { requests: { ok: 100 } },
    { requests: { ok: 99 } },
    'only 99 requests stand behind the figures: percentiles need 100 for the 90th and 1000 for the 99th',
  ],
  [
    'not calibrated',
    { spec: { target: 'mock:' }, calibration: null },
    { calibration: null },
    'the client was not measured by itself first: that the target was the limit is not shown',
  ],
]

test('a run in which nothing stands out is valid, and nothing is said', () => {
  expect(verdictOf({})).toEqual({ valid: true, reasons: [] })
})

test.each(CASES)('%s', (name, within, beyond, sentence) => {
  const rule = RULES.find(rule => rule.name === name)!
  const { valid, reasons } = verdictOf(beyond)
  expect({ valid, reasons }).toEqual({ valid: !rule.invalid, reasons: [expect.stringContaining(sentence)] })
  expect(verdictOf(within).reasons).toEqual([])
})

test('every rule has its case', () => {
  expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(RULES.map(({ name }) => name)))
})

test('each thing that is wrong is said, and one suffices', () => {
  const { valid, reasons } = verdictOf({ client: { cpu: 1, loopLag: lag(99) }, requests: { ok: 10 } })
  expect(valid).toBe(false)
  expect(reasons).toHaveLength(3)
})
