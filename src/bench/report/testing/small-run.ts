import { measuresOf } from '../../measures/measures-of.ts'
import type { RequestRecord } from '../../record/request-record.ts'
import type { RunResult } from '../../run/run.ts'
import type { RunReport } from '../bench-report.ts'
import { runReport } from '../run-report.ts'

/** Two answers of three tokens and a refusal, in times that can be checked by hand. */
export const SMALL_RECORDS: readonly RequestRecord[] = [
  record(0, 'ok', [20, 30, 50]),
  record(100, 'ok', [25, 31, 36]),
  { ...record(200, 'overloaded', []), error: 'the queue is full, "really"', endMs: 205 },
]

export function smallResult(records = SMALL_RECORDS): RunResult {
  return {
    spec: {
      target: 'http://user:secret@127.0.0.1:8090/',
      work: { kind: 'file', path: 'prompts.txt' },
      load: { kind: 'open', rate: 10, arrivals: 'poisson' },
      seed: 1,
      warmUp: { requests: 0 },
      measure: { requests: 3 },
    },
    info: {
      model: 'ember',
      backend: 'mock',
      contextLength: 512,
      vocabSize: 10,
      parameters: 0,
      weightType: 'none',
      maxSequences: 4,
      kvBlockSize: 0,
      chat: true,
      samplingDefaults: {},
    },
    startedAt: '2026-11-21T17:00:00.000Z',
    window: { fromMs: 0, toMs: 205 },
    records,
    client: {
      processes: 1,
      cpu: 0.1,
      sendLag: { p50: 0.1, p99: 0.2, max: 0.3 },
      loopLag: { p50: 0.1, p99: 0.2, max: 0.3 },
      gcMs: 1,
      longestGcMs: 0.5,
      unsent: 0,
    },
    cutShort: null,
  }
}

export function smallRun(rest: Partial<RunReport> = {}): RunReport {
  const result = smallResult()
  const run = runReport(result, measuresOf(result, [{ measure: 'ttft', belowMs: 22 }]), {
    label: 'rate 10',
    parameters: { rate: 10 },
    verdict: { valid: true, reasons: [] },
    calibration: null,
    phases: null,
    gpu: null,
  })
  return { ...run, ...rest }
}

/** Due at a time, and sent 1 ms later. */
function record(dueMs: number, outcome: RequestRecord['outcome'], arrivals: readonly number[]): RequestRecord {
  return {
    id: `r${dueMs}`,
    index: dueMs / 100,
    turn: 0,
    phase: 'measure',
    dueMs,
    sentMs: dueMs + 1,
    startMs: outcome === 'ok' ? dueMs + 2 : null,
    endMs: dueMs + (arrivals.at(-1) ?? 5) + 1,
    arrivalsMs: Float64Array.from(arrivals, ms => dueMs + ms),
    arrivalTokens: new Uint32Array(arrivals.length).fill(1),
    promptTokens: 7,
    cachedTokens: 0,
    outputTokens: arrivals.length,
    askedTokens: 3,
    outcome,
    ...(outcome === 'ok' && { finishReason: 'length' as const }),
  }
}
