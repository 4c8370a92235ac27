import { expect, it } from 'vitest'
import { sampleReport, sampleRun } from '../../bench/report/testing/sample-report.ts'
import { summary } from './summary.ts'

const PLACE = { stdout: { write: () => true, once: () => {} }, env: {} }

const SHORT = { concurrency: 8, seconds: 20, seed: 1 }

it('tells of one run all there is', () => {
  expect(summary(sampleReport([sampleRun(SHORT)]), PLACE)).toMatchInlineSnapshot(`
    "http://127.0.0.1:8090  ember (native/cuda, bf16 weights)
    closed loop, 8 at once; 3 s to warm up, 20 s measured; prompts of 512 tokens as chat, answers of 64 ± 13; seed 1
    measured from: AMD EPYC 9454 48-Core Processor, 16 cores; Node.js 20.19.5; f676064d0c1e

    VALID  the figures are the target’s

      ms                 mean     ±   p50   p90   p95   p99   max      n
      TTFT               41.3  0.83  38.5  58.7  64.9     –   104    214
      TTFT from sending  41.3  0.83  38.4  58.7  64.9     –   103    214
      TPOT               11.1  0.22  11.0  11.6  11.7     –  12.4    214
      ITL                11.1  0.22  10.8  12.5  13.0  34.1  39.4  13610
      largest gap        25.2  0.50  33.6  37.2  37.8     –  39.4    214
      E2E latency         746    15   747   932   993     –  1185    214
      –: too few for this percentile, which takes 10 above it

    requests    214 of 214 answered in 20.8 s, 10.3 /s ± 0.21
    output      13824 tokens, 665 tok/s ± 13; 672 tok/s without the tail
    prompts     109568 tokens; with the output 5935 tok/s
    goodput     9.57 /s, 93.0 % of those offered kept ttft<200ms, itl<30ms
    GPU         NVIDIA H200, 11.5 GiB, 94.0 % busy, 416 W, 0.626 J a token, 44.0 % of what its bytes allow

      TTFT, where it went  mean ms  p50 ms   share
      client                0.0500  0.0400   0.2 %
      network                0.400   0.350   1.6 %
      queue                   6.48    5.40  25.7 %
      prefill                 18.0    17.5  71.3 %
      flush                  0.300   0.200   1.2 %

    client      1 process, 21 % of a core, timers 0.84 ms late (p99), longest garbage collection 3.80 ms
    at best     TTFT 0.31 ms (p99 0.92 ms), ITL 0.02 ms (p99 0.60 ms): this client, of a server that answers at once
    "
  `)
})

it('says what was not the target’s, what failed, and what ended early', () => {
  const run = sampleRun({ ...SHORT, errors: 0.2 })
  const text = summary(
    sampleReport([
      {
        ...run,
        verdict: { valid: false, reasons: ['the client used 98 % of a core'] },
        cutShort: 'interrupted',
        phases: null,
        gpu: null,
      },
    ]),
    PLACE,
  )
  expect(text).toMatch(
    /^INVALID {2}the figures are not the target’s\n {2}the client used 98 % of a core\n {2}cut short: interrupted$/m,
  )
  expect(text).toMatch(/^failed {6}\d+ × \w+: \w/m)
  expect(text).not.toMatch(/^GPU|where it went/m)
})

it('gives no latencies where nothing was answered', () => {
  const run = sampleRun({ ...SHORT, errors: 1 })
  const text = summary(sampleReport([run]), PLACE)
  expect(text).toMatch(/^requests {4}0 of \d+ answered/m)
  expect(text).not.toMatch(/TTFT +mean|NaN|^output/m)
})

it('gives several runs a line each, and what they say together', () => {
  const runs = [1, 8].map(concurrency => sampleRun({ ...SHORT, concurrency }))
  const [first, second] = runs as [(typeof runs)[0], (typeof runs)[0]]
  const bad = { ...second, verdict: { valid: false, reasons: ['requests went out late'] } }
  const report = sampleReport([first, bad], { findings: ['from 8 users on more gives no more'] })
  expect(summary(report, PLACE)).toMatchInlineSnapshot(`
    "http://127.0.0.1:8090  ember (native/cuda, bf16 weights)
    2 loads; prompts of 512 tokens as chat, answers of 64 ± 13; seed 1
    measured from: AMD EPYC 9454 48-Core Processor, 16 cores; Node.js 20.19.5; f676064d0c1e

                     req/s  tok/s  TTFT p50  p99  TPOT p50  ITL p99  E2E p50           goodput  J/token
      concurrency 1   1.69    111      29.1    –      8.66     33.0      583  1.57 /s (93.0 %)     2.36
      concurrency 8   10.3    665      38.5    –      11.0     34.1      747  9.57 /s (93.0 %)    0.626  INVALID
      latencies in ms; –: too few requests

    concurrency 8: INVALID  the figures are not the target’s
      requests went out late

    from 8 users on more gives no more
    "
  `)
})
