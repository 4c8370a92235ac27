import { z } from 'zod'
import type { BenchReport } from './bench-report.ts'

/** JSON has no NaN: what could not be computed was written as null. */
const number = z.union([z.number(), z.null().transform(() => Number.NaN)])
const nullable = z.number().nullable()
const numbers = z.array(number)
const text = z.string()
const loose = z.looseObject

const estimate = loose({ value: number, low: nullable, high: nullable })
const percentile = estimate.nullable()
const distribution = loose({
  count: z.number(),
  mean: estimate,
  deviation: number,
  min: number,
  max: number,
  p50: percentile,
  p90: percentile,
  p95: percentile,
  p99: percentile,
})
const objective = loose({ measure: z.enum(['ttft', 'tpot', 'itl', 'gap', 'e2e']), belowMs: z.number() })
const lag = loose({ p50: number, p99: number, max: number })

const measures = loose({
  requests: loose({
    offered: z.number(),
    ok: z.number(),
    failed: z.number(),
    errors: z.record(text, z.number()),
    examples: z.record(text, text),
    perSecond: estimate,
    seconds: number,
  }),
  tokens: loose({
    prompt: z.number(),
    cached: z.number(),
    output: z.number(),
    outputPerSecond: estimate,
    totalPerSecond: estimate,
    steadyPerSecond: number,
    multiTokenArrivals: z.number(),
    arrivals: z.number(),
    oddLengths: z.number(),
  }),
  ttft: distribution,
  ttftFromSent: distribution,
  tpot: distribution,
  itl: distribution,
  largestGap: distribution,
  e2e: distribution,
  clientQueue: distribution,
  goodput: loose({ objectives: z.array(objective), perSecond: number, share: number }).nullable(),
})

const gpu = loose({
  cards: z.array(text),
  memoryBytes: number,
  utilisation: number,
  watts: number,
  joulesPerOutputToken: nullable,
  ofCeiling: loose({ share: number, bound: z.enum(['bytes', 'operations']) }).nullable(),
})

const series = loose({
  seconds: numbers,
  inFlight: numbers,
  requestsPerSecond: numbers,
  outputTokensPerSecond: numbers,
  failed: numbers,
  ttftP50: z.array(nullable),
  ttftP99: z.array(nullable),
  itlP99: z.array(nullable),
  gaps: loose({ boundsMs: numbers, counts: z.array(numbers) }),
  quantiles: loose({ ttft: numbers, tpot: numbers, itl: numbers, e2e: numbers }),
})

const run = loose({
  label: text,
  parameters: z.record(text, z.union([text, z.number()])),
  startedAt: text,
  /** Only told, not done again: what a newer version may add is no reason to refuse a report. */
  spec: loose({ target: text, work: loose({ kind: text }), load: loose({ kind: text }), seed: z.number() }),
  info: loose({
    model: text,
    backend: text,
    contextLength: z.number(),
    weightType: text,
    maxSequences: z.number(),
  }),
  verdict: loose({ valid: z.boolean(), reasons: z.array(text) }),
  measures,
  client: loose({
    processes: z.number(),
    cpu: number,
    sendLag: lag,
    loopLag: lag,
    gcMs: number,
    longestGcMs: number,
    unsent: z.number(),
  }),
  calibration: loose({
    requestsPerSecond: number,
    tokensPerSecond: number,
    ttft: loose({ p50: number, p99: number }),
    itl: loose({ p50: number, p99: number }).nullable(),
  }).nullable(),
  phases: loose({
    requests: z.number(),
    phases: z.array(loose({ name: text, meanMs: number, p50Ms: number })),
  }).nullable(),
  gpu: gpu.nullable(),
  series,
  samples: loose({
    due: numbers,
    ttft: numbers,
    tpot: z.array(nullable),
    e2e: numbers,
    largestGap: z.array(nullable),
    outputTokens: numbers,
  }),
  cutShort: text.nullable(),
})

const report = loose({
  schema: z.literal('warpline-bench/1'),
  kind: text,
  command: text,
  date: text,
  commit: text.nullable(),
  machine: loose({
    gpu: text.nullable(),
    driver: text.nullable(),
    cuda: text.nullable(),
    cpu: text,
    cores: z.number(),
    node: text,
  }),
  runs: z.array(run),
  findings: z.array(text),
})

/** What {@link BenchReport} says, for files that others may have touched. */
export const REPORT_SCHEMA = report as unknown as z.ZodType<BenchReport>
