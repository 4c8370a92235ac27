import type { Figures } from '../bench/figures.ts'
import { runBench } from '../bench/run-bench.ts'
import { serve } from '../bench/served.ts'
import { cpuMsOf, gateway } from './gateway.ts'

const TARGET = 'mock:?ttft=20ms&itl=20ms&slots=1024&tokens=4096'
const USERS = 64

/** Processor time of a gateway's process for each token that it passes on, at 64 streams of 50 tokens a second. */
export async function cpu(figures: Figures): Promise<void> {
  for (const way of ['a server', 'a router'] as const) {
    await using mock = await serve(TARGET)
    await using router = way === 'a router' ? await gateway([mock]) : undefined
    const server = router ?? mock
    const before = await cpuMsOf(server)
    const { lines } = await runBench(
      server.url,
      ...['-c', String(USERS), '-p', '64', '-n', '200', '--warm-up', '4s', '--duration', '12s'],
    )
    const after = await cpuMsOf(server)
    const tokens = lines.reduce((sum, { outputTokens }) => sum + outputTokens, 0)
    const goal = way === 'a router' ? '≤ 35' : undefined
    figures.add(`processor time of ${way} for each streamed token`, (1000 * (after - before)) / tokens, 'µs', goal)
  }
}
