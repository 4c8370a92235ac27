import type { Report } from '../../report.ts'
import { runBench } from '../run-bench.ts'
import { serve } from '../served.ts'

const TTFT_MS = 50
const STALL_MS = 2000
const WARM_UP_S = 1
const MEASURED_S = 8
const MOCK = `mock:?ttft=${TTFT_MS}ms&itl=5ms&steps=own&slots=1024&cache=off&stall=${STALL_MS}ms@4s`
const TIMES = [
  '--no-calibrate',
  '--send',
  'tokens',
  '--warm-up',
  `${WARM_UP_S}s`,
  '--duration',
  `${MEASURED_S}s`,
  '-p',
  '16',
]

/**
 * A server that stands still once. Who waits for it before asking again sees one long answer; whoever comes meanwhile
 * waits as well, and a client that forgets them reports a server that is never slow ("coordinated omission").
 */
export async function stall(report: Report): Promise<void> {
  await open(report)
  await closed(report)
}

/**
 * A share of STALL / MEASURED of all requests are due in the stall, evenly; each waits for the rest of it. So the
 * hundredth that waits longest begins where 1 % of all have waited longer: STALL − 0.01 · MEASURED.
 */
async function open(report: Report): Promise<void> {
  await using server = await serve(MOCK)
  const { run } = await runBench(server.url, '--rate', '200', '-n', '4', ...TIMES)
  const expected = TTFT_MS + STALL_MS - 0.01 * MEASURED_S * 1000
  const { ttft } = run.measures
  report.add(
    'a stall of 2 s, open loop: TTFT p99, of what it must be',
    (100 * (ttft.p99?.value ?? 0)) / expected,
    '%',
    '95…105',
  )
  report.add('a stall of 2 s, open loop: largest TTFT', ttft.max, 'ms', '≥ 1950')
}

/** Each of 32 users meets it once, in one of the 40 or so requests that they make in 6 s: in more than 1 % of all. */
async function closed(report: Report): Promise<void> {
  await using server = await serve(MOCK)
  const { run } = await runBench(server.url, '-c', '32', '-n', '20', ...TIMES)
  const { e2e } = run.measures
  report.add('a stall of 2 s, closed loop of 32: largest E2E latency', e2e.max, 'ms', '≥ 2000')
  report.add('a stall of 2 s, closed loop of 32: E2E p99', e2e.p99?.value ?? Number.NaN, 'ms', '≥ 2000')
}
