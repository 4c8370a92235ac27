import type { Span } from './phase-recorder.ts'
import type { StepReport } from './report.ts'

/** The Trace Event Format of Chrome, which Perfetto opens; times in microseconds. */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ns'
  readonly traceEvents: readonly TraceEvent[]
}

export type TraceEvent =
  | {
      readonly ph: 'X'
      readonly pid: number
      readonly tid: number
      readonly name: string
      readonly cat: string
      readonly ts: number
      readonly dur: number
      readonly args?: Readonly<Record<string, string | number>>
    }
  | {
      readonly ph: 'M'
      readonly pid: number
      readonly tid: number
      readonly name: 'process_name' | 'thread_name'
      readonly args: { readonly name: string }
    }

const HOST = 1
const DEVICE = 2

/**
 * One lane of the host, with the loop's phases as they were; and for each step that was profiled two of the device, with
 * its operations end to end, as they take by themselves, and with the step as it really runs. The lanes of host and device
 * begin at 0 each: they were not measured at the same time.
 */
export function chromeTrace(spans: readonly Span[], steps: readonly StepReport[]): ChromeTrace {
  const first = Math.min(...spans.map(({ startMs }) => startMs), Number.POSITIVE_INFINITY)
  const events: TraceEvent[] = [
    named('process_name', HOST, 0, 'host'),
    named('thread_name', HOST, 1, 'loop'),
    ...spans.map(({ name, startMs, ms }) => slice(HOST, 1, 'phase', name, (startMs - first) * 1000, ms * 1000)),
    named('process_name', DEVICE, 0, 'device'),
  ]
  for (const [i, step] of steps.entries()) {
    const [alone, whole] = [2 * i + 1, 2 * i + 2]
    events.push(named('thread_name', DEVICE, alone, `${step.test}: operations, each alone`))
    let at = 0
    for (const { name, detail, ms, bytes, flops } of step.operations) {
      events.push({ ...slice(DEVICE, alone, 'operation', name, at, ms * 1000), args: { detail, bytes, flops } })
      at += ms * 1000
    }
    const real = step.graphMicroseconds ?? step.togetherMicroseconds
    if (real === null) continue
    events.push(named('thread_name', DEVICE, whole, `${step.test}: the step`))
    events.push(slice(DEVICE, whole, 'step', step.graphMicroseconds === null ? 'step' : 'graph', 0, real))
  }
  return { displayTimeUnit: 'ns', traceEvents: events }
}

function slice(pid: number, tid: number, cat: string, name: string, ts: number, dur: number) {
  return { ph: 'X', pid, tid, cat, name, ts, dur } as const
}

function named(name: 'process_name' | 'thread_name', pid: number, tid: number, text: string): TraceEvent {
  return { ph: 'M', pid, tid, name, args: { name: text } }
}
