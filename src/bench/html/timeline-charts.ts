import type { RunReport } from '../report/bench-report.ts'
import type { Axis, HeatChart, Line, LineChart } from './chart.ts'

/** A run over its time: what it put out, how much was under way, what users waited, what failed. */
export function timelineCharts(run: RunReport, together: string): Readonly<Record<string, LineChart>> {
  const { series } = run
  const chart = (y: Axis, lines: readonly Line[]): LineChart => ({
    kind: 'lines',
    x: timeOf(series.seconds),
    y,
    xs: series.seconds,
    lines,
    counts: countingPart(run),
    together,
  })
  const hasFailed = series.failed.some(count => count > 0)
  const requests = chart({ label: 'Requests', unit: 'requests' }, [
    { name: 'In flight', values: series.inFlight, colour: { kind: 0 }, as: 'area' },
    ...(hasFailed
      ? [{ name: 'Failed', values: positive(series.failed), colour: { kind: 1 }, as: 'bars' as const }]
      : []),
  ])
  return {
    'Output tokens': chart({ label: 'Output', unit: 'tok/s' }, [
      { name: 'Output', values: series.outputTokensPerSecond, colour: { kind: 0 }, as: 'area' },
    ]),
    'TTFT and ITL': chart({ label: 'Latency', unit: 'ms', log: true }, [
      { name: 'TTFT p50', values: positive(series.ttftP50), colour: { kind: 0 } },
      { name: 'TTFT p99', values: positive(series.ttftP99), colour: { kind: 1 } },
      { name: 'ITL p99', values: positive(series.itlP99), colour: { kind: 2 } },
    ]),
    [hasFailed ? 'Requests in flight, and failed' : 'Requests in flight']: requests,
    'Requests answered': chart({ label: 'Answered', unit: 'req/s' }, [
      { name: 'Answered', values: series.requestsPerSecond, colour: { kind: 0 }, as: 'area' },
    ]),
  }
}

/** Gaps between arrivals of text by time and length; undefined where there are none. */
export function heatChart({ series }: RunReport, together: string): HeatChart | undefined {
  const { boundsMs, counts } = series.gaps
  if (!counts.some(column => column.some(count => count > 0))) return undefined
  const [first = 1, second = first * 1.33] = boundsMs
  const step = second / first
  const last = boundsMs[boundsMs.length - 1] ?? first
  const isOpen = counts.some(column => (column[boundsMs.length] ?? 0) > 0)
  const ys = [first / step, ...boundsMs, ...(isOpen ? [last * step] : [])]
  return {
    kind: 'heat',
    x: timeOf(series.seconds),
    y: { label: 'Gap', unit: 'ms', log: true },
    xs: [startOf(series.seconds), ...series.seconds],
    ys,
    counts: counts.map(column => column.slice(0, ys.length - 1)),
    together,
  }
}

function timeOf(seconds: readonly number[]): Axis {
  return { label: 'Time', unit: 's', range: [startOf(seconds), seconds[seconds.length - 1] ?? 1] }
}

/** Where the first bucket begins: all are of one width. */
function startOf(seconds: readonly number[]): number {
  const [first = 0, second = first * 2] = seconds
  return Math.max(0, Math.round((2 * first - second) * 10) / 10)
}

/** In s. */
function countingPart({ samples, measures }: RunReport): readonly [number, number] {
  const from = (samples.due[0] ?? 0) / 1000
  return [from, from + (Number.isFinite(measures.requests.seconds) ? measures.requests.seconds : 0)]
}

/** What a logarithm, or a bar, can show. */
function positive(values: readonly (number | null)[]): readonly (number | null)[] {
  return values.map(value => (value !== null && value > 0 ? value : null))
}
