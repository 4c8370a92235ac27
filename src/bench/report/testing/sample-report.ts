import type { Objective } from '../../measures/measures.ts'
import { measuresOf } from '../../measures/measures-of.ts'
import type { RunResult } from '../../run/run.ts'
import type { BenchReport, RunReport } from '../bench-report.ts'
import { runReport } from '../run-report.ts'
import { type SampleSettings, sampleRecords } from './sample-records.ts'

const OBJECTIVES: readonly Objective[] = [
  { measure: 'ttft', belowMs: 80 },
  { measure: 'itl', belowMs: 30 },
]

/** A run as {@link sampleRecords} makes it, with all that a report can hold. */
export function sampleRun(settings: SampleSettings, rest: Partial<RunReport> = {}): RunReport {
  const records = sampleRecords(settings)
  const { concurrency, seconds } = settings
  const result: RunResult = {
    spec: {
      target: 'http://127.0.0.1:8090',
      work: {
        kind: 'synthetic',
        prompt: { kind: 'fixed', tokens: 512 },
        output: { kind: 'normal', mean: 64, deviation: 13 },
        as: 'chat',
      },
      load: { kind: 'closed', concurrency },
      seed: settings.seed,
      warmUp: { seconds: 3 },
      measure: { seconds },
    },
    info: {
      model: 'ember',
      backend: 'native/cuda',
      contextLength: 4096,
      vocabSize: 32_000,
      parameters: 1_100_000_000,
      weightType: 'bf16',
      maxSequences: 64,
      kvBlockSize: 16,
      chat: true,
      samplingDefaults: {},
    },
    startedAt: '2026-11-21T17:00:00.000Z',
    window: { fromMs: 3000, toMs: 3000 + seconds * 1000 },
    records,
    client: {
      processes: 1,
      cpu: 0.21,
      sendLag: { p50: 0.04, p99: 0.31, max: 1.9 },
      loopLag: { p50: 0.09, p99: 0.84, max: 6.2 },
      gcMs: 41.5,
      longestGcMs: 3.8,
      unsent: 0,
    },
    cutShort: null,
  }
  const measures = measuresOf(result, OBJECTIVES)
  const step = 8 + 0.35 * concurrency
  const run = runReport(result, measures, {
    label: `concurrency ${concurrency}`,
    parameters: { concurrency },
    verdict: { valid: true, reasons: [] },
    calibration: {
      requestsPerSecond: 6120,
      tokensPerSecond: 41_000,
      ttft: { p50: 0.31, p99: 0.92 },
      itl: { p50: 0.02, p99: 0.6 },
    },
    phases: {
      requests: measures.requests.ok,
      phases: [
        { name: 'client', meanMs: 0.05, p50Ms: 0.04 },
        { name: 'network', meanMs: 0.4, p50Ms: 0.35 },
        { name: 'queue', meanMs: step * 0.6, p50Ms: step * 0.5 },
        { name: 'prefill', meanMs: 18, p50Ms: 17.5 },
        { name: 'flush', meanMs: 0.3, p50Ms: 0.2 },
      ],
    },
    gpu: {
      cards: ['NVIDIA H200'],
      memoryBytes: 12.4e9,
      utilisation: Math.min(0.97, 0.3 + 0.08 * concurrency),
      watts: 240 + 22 * concurrency,
      joulesPerOutputToken: (240 + 22 * concurrency) / measures.tokens.outputPerSecond.value,
      ofCeiling: { share: Math.min(0.82, 0.2 + 0.03 * concurrency), bound: 'bytes' },
    },
  })
  return { ...run, ...rest }
}

export function sampleReport(runs: readonly RunReport[], rest: Partial<BenchReport> = {}): BenchReport {
  return {
    schema: 'warpline-bench/1',
    kind: runs.length === 1 ? 'run' : 'sweep',
    command: 'warpline bench sweep http://127.0.0.1:8090 --concurrency 1,2,4,8,16 --prompt-tokens 512',
    date: '2026-11-21T17:00:00.000Z',
    commit: 'f676064d0c1e',
    machine: {
      gpu: 'NVIDIA H200',
      driver: '580.95.05',
      cuda: '13.0',
      cpu: 'AMD EPYC 9454 48-Core Processor',
      cores: 16,
      node: '20.19.5',
    },
    runs,
    findings: [],
    ...rest,
  }
}
