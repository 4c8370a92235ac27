import { expect, it } from 'vitest'
import type { Distribution, Estimate, Measures, RunReport } from '../../bench/index.ts'
import { sampleReport, sampleRun } from '../../bench/report/testing/sample-report.ts'
import { summary } from './summary.ts'

const PLACE = { stdout: { write: () => true, once: () => {} }, env: {} }

const around = (value: number): Estimate => ({ value, low: value * 0.98, high: value * 1.02 })

/** Of so many samples around `mean`, with the percentiles that they allow. */
function distribution(count: number, mean: number): Distribution {
  const percentile = (needed: number, times: number) => (count < needed ? null : around(mean * times))
  return {
    count,
    mean: around(mean),
    deviation: mean / 10,
    min: mean * 0.8,
    max: mean * 1.6,
    p50: percentile(20, 0.98),
    p90: percentile(100, 1.1),
    p95: percentile(200, 1.2),
    p99: percentile(1000, 1.4),
  }
}

function measures(requests: number, failed = 0): Measures {
  const ok = requests - failed
  return {
    requests: {
      offered: requests,
      ok,
      failed,
      errors: failed > 0 ? { overloaded: failed } : {},
      examples: failed > 0 ? { overloaded: 'the queue is full' } : {},
      perSecond: around(ok / 20),
      seconds: 20,
    },
    tokens: {
      prompt: 512 * ok,
      cached: 64 * ok,
      output: 64 * ok,
      outputPerSecond: around(3.2 * ok),
      totalPerSecond: around(28.8 * ok),
      steadyPerSecond: 3.3 * ok,
      multiTokenArrivals: 3,
      arrivals: 63 * ok,
      oddLengths: 2,
    },
    ttft: distribution(ok, 41),
    ttftFromSent: distribution(ok, 40.5),
    tpot: distribution(ok, 11),
    itl: distribution(63 * ok, 11),
    largestGap: distribution(ok, 25),
    e2e: distribution(ok, 746),
    clientQueue: distribution(ok, 0.5),
    goodput: {
      objectives: [
        { measure: 'ttft', belowMs: 80 },
        { measure: 'itl', belowMs: 30 },
      ],
      perSecond: (0.9 * ok) / 20,
      share: (0.9 * ok) / requests,
    },
  }
}

const GPU: RunReport['gpu'] = {
  cards: ['NVIDIA H200'],
  memoryBytes: 12 * 2 ** 30,
  utilisation: 0.94,
  watts: 416,
  joulesPerOutputToken: 0.626,
  ofCeiling: { share: 0.44, bound: 'bytes' },
}

const PHASES: RunReport['phases'] = {
  requests: 214,
  phases: [
    { name: 'client queue', meanMs: 0.5, p50Ms: 0.4 },
    { name: 'network and HTTP, both ways', meanMs: 1.5, p50Ms: 1.2 },
    { name: 'engine queue', meanMs: 19, p50Ms: 18 },
    { name: 'prefill', meanMs: 20, p50Ms: 19 },
  ],
}

function runWith(rest: Partial<RunReport>): RunReport {
  const run = sampleRun({ concurrency: 2, seconds: 2, seed: 1 }, { phases: null, gpu: null, calibration: null })
  return { ...run, measures: measures(214), verdict: { valid: true, reasons: [] }, ...rest }
}

it('tells of one run all there is', () => {
  const calibration = {
    requestsPerSecond: 6120,
    tokensPerSecond: 41_000,
    ttft: { p50: 0.31, p99: 0.92 },
    itl: { p50: 0.02, p99: 0.6 },
  }
  const run = runWith({ phases: PHASES, gpu: GPU, calibration })
  expect(summary(sampleReport([run]), PLACE)).toMatchInlineSnapshot(`
    "http://127.0.0.1:8090  ember (native/cuda, bf16 weights)
    closed loop, 2 at once; 3 s to warm up, 2 s measured; prompts of 512 tokens as chat, answers of 64 ± 13; seed 1
    measured from: AMD EPYC 9454 48-Core Processor, 16 cores; Node.js 20.19.5; f676064d0c1e

    VALID  the figures are the target’s

      ms                 mean     ±   p50   p90   p95   p99   max      n
      TTFT               41.0  0.82  40.2  45.1  49.2     –  65.6    214
      TTFT from sending  40.5  0.81  39.7  44.6  48.6     –  64.8    214
      TPOT               11.0  0.22  10.8  12.1  13.2     –  17.6    214
      ITL                11.0  0.22  10.8  12.1  13.2  15.4  17.6  13482
      largest gap        25.0  0.50  24.5  27.5  30.0     –  40.0    214
      E2E latency         746    15   731   821   895     –  1194    214
      –: too few for this percentile, which takes 10 above it

    requests    214 of 214 answered in 20.0 s, 10.7 /s ± 0.21
    output      13696 tokens, 685 tok/s ± 14; 706 tok/s without the tail
    prompts     109568 tokens (12.5 % cached); with the output 6163 tok/s
    arrivals    3 of 13482 brought several tokens: a gap counts once
    lengths     2 answers were not as long as asked for
    goodput     9.63 /s, 90.0 % of those offered kept ttft<80ms, itl<30ms
    GPU         NVIDIA H200, 12.0 GiB, 94.0 % busy, 416 W, 0.626 J a token, 44.0 % of what its bytes allow

      TTFT, where it went          mean ms  p50 ms   share
      client queue                   0.500   0.400   1.2 %
      network and HTTP, both ways     1.50    1.20   3.7 %
      engine queue                    19.0    18.0  46.3 %
      prefill                         20.0    19.0  48.8 %

    client      1 process, 21 % of a core, timers 0.84 ms late (p99), longest garbage collection 3.80 ms
    at best     TTFT 0.31 ms (p99 0.92 ms), ITL 0.02 ms (p99 0.60 ms): this client, of a server that answers at once
    "
  `)
})

it('says what was not the target’s, what failed, and what ended early', () => {
  const text = summary(
    sampleReport([
      runWith({
        measures: measures(100, 20),
        verdict: { valid: false, reasons: ['the client used 98 % of a core'] },
        cutShort: 'interrupted',
      }),
    ]),
    PLACE,
  )
  expect(text).toMatch(
    /^INVALID {2}the figures are not the target’s\n {2}the client used 98 % of a core\n {2}cut short: interrupted$/m,
  )
  expect(text).toMatch(/^failed {6}20 × overloaded: the queue is full$/m)
  expect(text).not.toMatch(/^GPU|where it went|^at best/m)
})

it('gives no latencies where nothing was answered', () => {
  const text = summary(sampleReport([runWith({ measures: measures(20, 20) })]), PLACE)
  expect(text).toMatch(/^requests {4}0 of 20 answered/m)
  expect(text).not.toMatch(/TTFT +mean|NaN|^output/m)
})

it('gives several runs a line each, and what they say together', () => {
  const first = runWith({ label: 'concurrency 1', gpu: GPU })
  const second = runWith({
    label: 'concurrency 8',
    measures: measures(2000, 7),
    verdict: { valid: false, reasons: ['requests went out late'] },
  })
  const few = runWith({ label: 'concurrency 16', measures: measures(5), cutShort: 'interrupted' })
  const findings = ['from 8 users on more gives no more']
  expect(summary(sampleReport([first, second, few], { findings }), PLACE)).toMatchInlineSnapshot(`
    "http://127.0.0.1:8090  ember (native/cuda, bf16 weights)
    closed loop, 2 at once; 3 s to warm up, 2 s measured; prompts of 512 tokens as chat, answers of 64 ± 13; seed 1
    measured from: AMD EPYC 9454 48-Core Processor, 16 cores; Node.js 20.19.5; f676064d0c1e

                      req/s  tok/s  TTFT p50   p99  TPOT p50  ITL p99  E2E p50            goodput  failed  GPU GiB    busy    W  J/token   of the most
      concurrency 1    10.7    685      40.2     –      10.8     15.4      731   9.63 /s (90.0 %)             12.0  94.0 %  416    0.626  44.0 % bytes
      concurrency 8    99.7   6378      40.2  57.4      10.8     15.4      731   89.7 /s (89.7 %)       7                                               INVALID
      concurrency 16  0.250   16.0     ≈41.0     –     ≈11.0        –     ≈746  0.225 /s (90.0 %)                                                       cut short
      latencies in ms; too few requests for a percentile: –, and ≈ before a mean in its place

    INVALID  concurrency 8: requests went out late
    cut short  concurrency 16: interrupted

    from 8 users on more gives no more
    "
  `)
})
