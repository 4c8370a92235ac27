import { quantile } from '../../../src/statistics/index.ts'
import type { Report } from '../../report.ts'
import { runBench } from '../run-bench.ts'
import { serve } from '../served.ts'

/** All share their steps, as in a real batch: up to 64 tokens leave the server at one moment, which takes it some ms. */
const MOCK = 'mock:?ttft=50ms&itl=20ms&pace=precise&slots=1024&cache=off'

/**
 * What the report says beside what the server's own clock says of the same requests. Truth is drawn, not set: who is
 * ready between two steps waits for the next.
 */
export async function commonSteps(report: Report): Promise<void> {
  await using server = await serve(MOCK)
  const { measured } = await runBench(
    server.url,
    '-c',
    '64',
    '-n',
    '8-24',
    '-p',
    '16',
    '--duration',
    '6s',
    '--no-calibrate',
  )
  const seen = Float64Array.from(measured, ({ arrivalsUs }) => arrivalsUs[0]! / 1000).sort()
  const told = Float64Array.from(measured, ({ timeline }) => timeline!.tokensAt[0]!).sort()
  for (const q of [0.5, 0.99])
    report.add(
      `steps shared by 64: TTFT p${q * 100}, beyond what the server saw`,
      quantile(seen, q) - quantile(told, q),
      'ms',
    )
}
