import type { Figures } from '../bench/figures.ts'
import { runBench } from '../bench/run-bench.ts'

/** Times are exact, so that what differs between two ways is the ways' doing. */
const TARGET = 'mock:?ttft=20ms&itl=5ms&tokens=8&steps=own&pace=precise&slots=1024'
const RATE = 500

/** What the router adds at 500 requests a second to the server that is behind it, in one run with the direct way. */
export async function layers(figures: Figures): Promise<void> {
  const { runs } = await runBench(
    'layers',
    TARGET,
    ...['--rate', String(RATE), '--arrivals', 'poisson', '-p', '64', '-n', '8', '--warm-up', '4s', '--duration', '20s'],
  )
  const of = (name: string) => runs.find(({ label }) => label === name)!.measures
  const [direct, through] = [of('HTTP'), of('router')]
  for (const what of ['ttft', 'e2e'] as const)
    for (const at of ['p50', 'p99'] as const) {
      const added = through[what][at]!.value - direct[what][at]!.value
      const goal = what === 'ttft' ? (at === 'p50' ? '≤ 0.35' : '≤ 1.8') : undefined
      figures.add(`the router adds, ${RATE} req/s: ${what.toUpperCase()} ${at}`, added, 'ms', goal)
      figures.add(`  of ${through[what][at]!.value.toFixed(2)} ms in all, directly`, direct[what][at]!.value, 'ms')
    }
  figures.add('the router: failed requests', through.requests.failed, '', '0')
}
