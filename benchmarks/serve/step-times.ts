import { type HistogramSnapshot, percentile } from '../../src/statistics/index.ts'
import { median, type Report } from '../report.ts'
import { Child } from './child.ts'
import { post, Streams } from './load.ts'

const STREAMS = 256
const TOKENS = 64
const ROUNDS = 3

const REQUEST = (seed: number) =>
  post('/v1/completions', { prompt: 'Once', max_tokens: TOKENS, ignore_eos: true, stream: true, seed })

/**
 * How much the server disturbs the engine's thread: its step times with all streams served over HTTP, beside those of
 * the same streams read in the server's process. One core computes; server and load share the other.
 */
export async function stepTimes(report: Report): Promise<void> {
  await using server = await Child.start('./ember.server.mjs', { streams: STREAMS, tokens: TOKENS })
  const alone: number[] = []
  const served: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const before = await server.ask<HistogramSnapshot>('alone')
    const start = await server.ask<HistogramSnapshot>('steps')
    await serveAll(server.port)
    const end = await server.ask<HistogramSnapshot>('steps')
    if (round === 0) continue
    alone.push(percentile(before, 0.99))
    served.push(percentile({ ...end, counts: end.counts.map((count, i) => count - start.counts[i]!) }, 0.99))
  }
  report.add(`engine thread: p99 step, ${STREAMS} streams of ember, read in process`, median(alone), 'ms')
  report.add(`engine thread: p99 step, the same over HTTP`, median(served), 'ms')
  report.add('engine thread: p99 step, over HTTP to in process', median(served) / median(alone), '×', '≤ 1.2')
}

async function serveAll(port: number): Promise<void> {
  const streams = Array.from({ length: STREAMS }, () => new Streams())
  await Promise.all(streams.map((stream, seed) => stream.toEnd(port, REQUEST(seed))))
}
