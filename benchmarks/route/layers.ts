import type { Figures } from '../bench/figures.ts'
import { runBench } from '../bench/run-bench.ts'

/** Each request has steps of its own, so that none waits for another's. */
const TARGET = 'mock:?ttft=20ms&itl=5ms&steps=own&slots=1024'
const OUTPUT_TOKENS = 4
const RATE = 500

/** What the router adds at 500 requests a second to the server that is behind it, in one run with the direct way. */
export async function layers(figures: Figures): Promise<void> {
  const { runs } = await runBench(
    'layers',
    TARGET,
    ...['--rate', String(RATE), '-p', '64', '-n', String(OUTPUT_TOKENS), '--warm-up', '8s', '--duration', '20s'],
    '--no-calibrate',
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
