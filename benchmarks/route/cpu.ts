import type { Figures } from '../bench/figures.ts'
import { runBench } from '../bench/run-bench.ts'
import { type Served, serve } from '../bench/served.ts'
import { cpuMsOf, gateway } from './gateway.ts'

const TARGET = 'mock:?ttft=20ms&itl=20ms&slots=1024&tokens=4096'
const USERS = 64

/** Long enough that what is dear of a request is not laid on its tokens. */
const OUTPUT_TOKENS = 400

/** Processor time of a gateway's process for each token that it passes on, at 64 streams of 50 tokens a second, once it is warm. */
export async function cpu(figures: Figures): Promise<void> {
  for (const way of ['a server', 'a router'] as const) {
    await using mock = await serve(TARGET)
    await using router = way === 'a router' ? await gateway([mock]) : undefined
    const server = router ?? mock
    await load(server, OUTPUT_TOKENS)
    const before = await cpuMsOf(server)
    const tokens = await load(server, 2 * OUTPUT_TOKENS)
    const after = await cpuMsOf(server)
    const goal = way === 'a router' ? '≤ 35' : undefined
    figures.add(`processor time of ${way} for each streamed token`, (1000 * (after - before)) / tokens, 'µs', goal)
  }
}

/** How many tokens came. */
async function load({ url }: Served, tokens: number): Promise<number> {
  const once = ['-c', String(USERS), '--requests', String(USERS), '--warm-up', '1', '--no-calibrate']
  const { lines } = await runBench(url, ...once, '-p', '64', '-n', String(tokens))
  return lines.reduce((sum, { outputTokens }) => sum + outputTokens, 0)
}
