import type { Figures } from '../bench/figures.ts'
import { runBench } from '../bench/run-bench.ts'
import { type Served, serve } from '../bench/served.ts'
import { bareProxy } from './bare-proxy.ts'
import { cpuMsOf, gateway } from './gateway.ts'

const TARGET = 'mock:?ttft=20ms&itl=5ms&steps=own&slots=1024'
const REQUEST = ['-p', '64', '-n', '4', '--no-calibrate']

/** Requests after which their code is compiled as well as it gets. */
const WARM_UP = 10_000
const REQUESTS_PER_S = [100, 500, 1000]
const SECONDS = 10

/**
 * Processor time of a request by how often one comes. The code is the same and compiled: what is dearer of rare requests is
 * likely memory, as others have had the caches meanwhile.
 */
export async function rates(figures: Figures): Promise<void> {
  for (const way of ['a router', 'a bare proxy'] as const) {
    await using mock = await serve(TARGET)
    await using proxy = way === 'a router' ? await gateway([mock]) : await bareProxy(mock)
    const load = (...args: readonly string[]) => cpuUsOfEach(proxy, args)
    const busy = await load('-c', '64', '--requests', String(WARM_UP))
    figures.add(`processor time of ${way} for a request, of its first ${WARM_UP}`, busy, 'µs')
    const warm = await load('-c', '64', '--requests', String(WARM_UP))
    figures.add(`processor time of ${way} for a request, 64 at once`, warm, 'µs')
    for (const rate of REQUESTS_PER_S.toReversed()) {
      const each = await load('--rate', String(rate), '--duration', `${SECONDS}s`)
      figures.add(`processor time of ${way} for a request, ${rate} req/s`, each, 'µs')
    }
  }
}

async function cpuUsOfEach(server: Served, args: readonly string[]): Promise<number> {
  const before = await cpuMsOf(server)
  const { lines } = await runBench(server.url, ...args, ...REQUEST)
  return (1000 * ((await cpuMsOf(server)) - before)) / lines.length
}
