import type { RunReport } from '../../src/bench/report/bench-report.ts'
import { quantile } from '../../src/statistics/index.ts'
import type { Figures } from '../bench/figures.ts'
import { runBench } from '../bench/run-bench.ts'
import { serve } from '../bench/served.ts'
import { bareProxy } from './bare-proxy.ts'

/** Each request has steps of its own, so that none waits for another's. */
const TARGET = 'mock:?ttft=20ms&itl=5ms&steps=own&slots=1024'
const RATE = 500
const LOAD = [
  ...['--rate', String(RATE), '-p', '64', '-n', '4', '--warm-up', '6s', '--duration', '10s'],
  '--no-calibrate',
]
const GOALS_MS = { p50: 0.35, p99: 1.8 }

/** Machines are faster in one minute than in another; a round has all ways within two, in processes of its own. */
const ROUNDS = 5

type Measures = RunReport['measures']

interface Round {
  readonly direct: Measures
  readonly router: Measures
  readonly bare: Measures
}

/**
 * What the router adds at 500 requests a second to the server that is behind it, beside the direct way, and what the
 * least of proxies adds.
 */
export async function layers(figures: Figures): Promise<void> {
  const rounds: Round[] = []
  while (rounds.length < ROUNDS) rounds.push(await round())
  for (const way of ['router', 'bare'] as const)
    for (const what of ['ttft', 'e2e'] as const)
      for (const at of ['p50', 'p99'] as const) {
        const added = rounds.map(round => round[way][what][at]!.value - round.direct[what][at]!.value)
        const middle = quantile(Float64Array.from(added).sort(), 0.5)
        const who = way === 'router' ? 'the router' : 'a bare proxy'
        const goal = way === 'router' && what === 'ttft' ? `≤ ${GOALS_MS[at]}` : undefined
        figures.add(`${who} adds, ${RATE} req/s: ${what.toUpperCase()} ${at}, median of ${ROUNDS}`, middle, 'ms', goal)
        for (const [i, { direct }] of rounds.entries())
          figures.add(`  round ${i + 1}, to ${direct[what][at]!.value.toFixed(2)} ms directly`, added[i]!, 'ms')
      }
  const failed = rounds.reduce((sum, { router }) => sum + router.requests.failed, 0)
  figures.add('the router: failed requests', failed, '', '0')
}

async function round(): Promise<Round> {
  const { runs } = await runBench('layers', TARGET, ...LOAD)
  const of = (name: string) => runs.find(({ label }) => label === name)!.measures
  return { direct: of('HTTP'), router: of('router'), bare: await throughBareProxy() }
}

async function throughBareProxy(): Promise<Measures> {
  await using mock = await serve(TARGET)
  await using proxy = await bareProxy(mock)
  const { run } = await runBench(proxy.url, ...LOAD)
  return run.measures
}
