import { kolmogorovSmirnov, normalCdf, quantile } from '../../../src/statistics/index.ts'
import type { Report } from '../../report.ts'
import { runBench } from '../run-bench.ts'

const RATE = 250
const GAP_MS = 1000 / RATE
/** The target is of no matter: it answers at once, in the process that sends. */
const TARGET = 'mock:?ttft=0ms&itl=0ms'
const TIMES = ['--rate', String(RATE), '-n', '1', '-p', '16', '--warm-up', '1s', '--duration', '6s']

/** Sends that are due closer together leave one after the other, as fast as a client can make them: shorter gaps say nothing. */
const LEAST_GAP_MS = 0.2

/** Of the gaps between requests, as they should be drawn. */
const PROCESSES = [
  ['poisson', ['--arrivals', 'poisson'], gap => 1 - Math.exp(-gap / GAP_MS)],
  // Of shape ½ a gamma variable is half the square of a normal one: P(½, x) = erf √x.
  ['gamma of ½', ['--burstiness', '0.5'], gap => 2 * normalCdf(Math.sqrt((2 * gap) / (2 * GAP_MS))) - 1],
] as const satisfies readonly (readonly [string, readonly string[], (gap: number) => number])[]

/** Whether requests really leave when the process that was asked for has them leave. */
export async function arrivals(report: Report): Promise<void> {
  for (const [name, args, cdf] of PROCESSES) {
    const gaps = (await sentGaps(...args)).filter(gap => gap >= LEAST_GAP_MS)
    const shorter = cdf(LEAST_GAP_MS)
    report.add(
      `${name} arrivals: fit of ${gaps.length} real gaps (Kolmogorov–Smirnov)`,
      kolmogorovSmirnov(gaps, gap => Math.max(0, cdf(gap) - shorter) / (1 - shorter)).p,
      'p',
      '≥ 0.01',
    )
  }
  const off = (await sentGaps('--arrivals', 'constant')).map(gap => Math.abs(gap - GAP_MS)).sort()
  report.add('constant arrivals: real gaps off theirs, p50', quantile(off, 0.5), 'ms', '≤ 0.1')
  report.add('constant arrivals: real gaps off theirs, p99', quantile(off, 0.99), 'ms', '≤ 1')
}

async function sentGaps(...args: readonly string[]): Promise<Float64Array> {
  const { lines } = await runBench(TARGET, ...TIMES, ...args)
  const sent = Float64Array.from(lines, ({ sentMs }) => sentMs).sort()
  return sent.subarray(1).map((at, i) => at - sent[i]!)
}
