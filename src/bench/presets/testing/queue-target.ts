import { arrivals } from '../../load/arrivals.ts'
import { measuresOf } from '../../measures/measures-of.ts'
import type { RequestRecord } from '../../record/request-record.ts'
import { runReport } from '../../report/run-report.ts'
import type { RunResult, RunSpec } from '../../run/run.ts'
import { type Passage, passClosed, passOpen } from '../../search/testing/queue.ts'
import type { PresetTools } from '../preset.ts'

export interface QueueTarget {
  readonly servers: number
  /** Of all requests, in ms. */
  readonly serviceMs: number
  /** Of that, until the first token. Default: a tenth. */
  readonly firstMs?: number
}

/** Stands in for `measureRun`: loads are put on a queue, in no time. */
export function queueMeasure(targets: (target: string) => QueueTarget): PresetTools['measure'] {
  return async (spec, { label = spec.target, parameters = {}, objectives = [] }) => {
    const result = resultOf(spec, targets(spec.target))
    const measures = measuresOf(result, objectives)
    const rest = { calibration: null, verdict: { valid: true, reasons: [] }, phases: null, gpu: null }
    return { report: runReport(result, measures, { label, parameters, ...rest }), records: result.records }
  }
}

function resultOf(spec: RunSpec, target: QueueTarget): RunResult {
  const records: RequestRecord[] = []
  let measured = 0
  for (const passage of passages(spec, target)) {
    const phase = phaseOf(spec, passage.dueMs, records.length, measured)
    if (phase === 'cool-down') break
    if (phase === 'measure') measured++
    records.push(recordOf(passage, records.length, phase, target))
  }
  records.sort((a, b) => a.dueMs - b.dueMs)
  const fromMs = records.find(({ phase }) => phase === 'measure')?.dueMs ?? 0
  const zero = { p50: 0, p99: 0, max: 0 }
  return {
    spec,
    info: {
      model: spec.target,
      backend: 'queue',
      contextLength: 8192,
      vocabSize: 32_000,
      parameters: 0,
      weightType: 'none',
      maxSequences: target.servers,
      kvBlockSize: 16,
      chat: true,
      samplingDefaults: {},
    },
    startedAt: '2026-11-21T00:00:00.000Z',
    window: { fromMs, toMs: Math.max(fromMs, ...records.map(({ dueMs }) => dueMs)) },
    records,
    client: { processes: 1, cpu: 0, sendLag: zero, loopLag: zero, gcMs: 0, longestGcMs: 0, unsent: 0 },
    cutShort: null,
  }
}

function passages({ load, seed }: RunSpec, { servers, serviceMs }: QueueTarget): Iterable<Passage> {
  const queue = { servers, service: () => serviceMs }
  if (load.kind === 'closed') return passClosed(queue, load.concurrency)
  return passOpen(queue, arrivals(load, seed, 60))
}

function phaseOf(
  { warmUp, measure }: RunSpec,
  dueMs: number,
  before: number,
  measured: number,
): RequestRecord['phase'] {
  const warm = 'requests' in warmUp ? before < warmUp.requests : dueMs < warmUp.seconds * 1000
  if (warm) return 'warm-up'
  const fromMs = 'seconds' in warmUp ? warmUp.seconds * 1000 : 0
  const more = 'requests' in measure ? measured < measure.requests : dueMs < fromMs + measure.seconds * 1000
  return more ? 'measure' : 'cool-down'
}

function recordOf(passage: Passage, index: number, phase: RequestRecord['phase'], target: QueueTarget): RequestRecord {
  const { dueMs, startMs, endMs } = passage
  const { serviceMs, firstMs = serviceMs / 10 } = target
  const outputTokens = 4
  const step = (serviceMs - firstMs) / (outputTokens - 1)
  return {
    id: `q-${index}`,
    index,
    turn: 0,
    phase,
    dueMs,
    sentMs: dueMs,
    startMs,
    endMs,
    arrivalsMs: Float64Array.from({ length: outputTokens }, (_, i) => startMs + firstMs + i * step),
    arrivalTokens: new Uint32Array(outputTokens).fill(1),
    promptTokens: 100,
    cachedTokens: 0,
    outputTokens,
    askedTokens: outputTokens,
    outcome: 'ok',
    finishReason: 'length',
  }
}
