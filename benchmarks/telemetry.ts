// What it costs to be observed: a record of the log, a scrape of 60 families, a request's span.
// `npx tsx benchmarks/telemetry.ts`

import { Histogram, logBounds } from '../src/statistics/index.ts'
import {
  childContext,
  createLogger,
  createProcessMetrics,
  expose,
  type Family,
  formatTraceparent,
  parseExposition,
  parseTraceparent,
  startServerSpan,
} from '../src/telemetry/index.ts'

/** Microseconds a call: the best of several rounds; the machine may be doing other things. */
function measure(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  let calls = 1
  for (let rounds = 0; rounds < 8; ) {
    const start = performance.now()
    for (let i = 0; i < calls; i++) run()
    const ms = performance.now() - start
    if (ms < 20) {
      calls *= 4
      continue
    }
    best = Math.min(best, (ms * 1000) / calls)
    rounds++
  }
  return best
}

function report(what: string, us: number, goal = ''): void {
  console.log(`${what.padEnd(56)} ${us.toFixed(2).padStart(9)} µs  ${goal}`)
}

let sink = 0
const write = (line: string) => {
  sink += line.length
}
const record = {
  requestId: 'req-0123456789abcdef',
  method: 'POST',
  path: '/v1/chat/completions',
  status: 200,
  promptTokens: 812,
  completionTokens: 64,
  ttftMs: 21.4,
  durationMs: 342.8,
}

/** As a server has them: 20 histograms of 25 buckets, the others split by three labels. */
function sixtyFamilies(): Family[] {
  const bounds = logBounds(0.1, 1e6, 3.5)
  return Array.from({ length: 60 }, (_, i): Family => {
    const help = 'What is measured, in a sentence of the usual length.'
    if (i % 3 === 0) {
      const histogram = new Histogram(bounds)
      for (let value = 0.05; value < 2e6; value *= 1.3) histogram.record(value, i + 1)
      const collect = () => [{ labels: { model: 'ember' }, histogram: histogram.snapshot(), scale: 1e-3 }]
      return { name: `warpline_histogram_${i}_seconds`, help, type: 'histogram', collect }
    }
    const samples = ['stop', 'length', 'abort'].map((reason, n) => ({
      labels: { model: 'ember', reason },
      value: n * i,
    }))
    return i % 3 === 1
      ? { name: `warpline_counter_${i}_total`, help, type: 'counter', collect: () => samples }
      : { name: `warpline_gauge_${i}`, help, type: 'gauge', collect: () => samples }
  })
}

const json = createLogger({ level: 'info', format: 'json', write })
const text = createLogger({ level: 'info', format: 'text', write })
report(
  'a record of 8 fields as JSON',
  measure(() => json.info(record, 'answered')),
  '≤ 5',
)
report(
  'a record of 8 fields as text',
  measure(() => text.info(record, 'answered')),
  '≤ 5',
)
report(
  'a record below the level',
  measure(() => json.debug(record, 'answered')),
)

const families = sixtyFamilies()
const exposition = expose(families)
report(
  `60 families exposed, ${Math.round(exposition.length / 1024)} KiB`,
  measure(() => expose(families)),
  '≤ 1000',
)
report(
  'the same parsed',
  measure(() => parseExposition(exposition)),
)
using metrics = createProcessMetrics()
report(
  'the process measured and exposed',
  measure(() => expose(metrics.families)),
)

const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }
const attributes = { 'http.request.method': 'POST' }
report(
  'a span begun and ended, no SDK',
  measure(() => startServerSpan('POST', headers, attributes).end()),
  '≤ 1',
)
report(
  'a traceparent read and passed on',
  measure(() => {
    sink += formatTraceparent(childContext(parseTraceparent(headers.traceparent)!)).length
  }),
)
if (sink < 0) console.log(sink)
