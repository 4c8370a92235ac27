/**
 * What it costs the client to make prompts and arrivals, in some seconds, alone on its core:
 *
 *   npx tsx benchmarks/bench/work.ts --json FILE
 *
 * At 4000 requests a second a prompt of 50 µs would take a fifth of a core.
 */
import { parseArgs } from 'node:util'
import { arrivals } from '../../src/bench/load/arrivals.ts'
import { openWork } from '../../src/bench/work/open-work.ts'
import { openTarget } from '../../src/targets.ts'
import { median } from '../report.ts'
import { Figures } from './figures.ts'

const ROUNDS = 9
const PROMPTS = 3000
const ARRIVALS = 100_000
const TOKENS = 512

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const figures = new Figures()

await using engine = await openTarget('ember')
for (const as of ['tokens', 'text', 'chat'] as const) {
  const lengths = {
    prompt: { kind: 'fixed', tokens: TOKENS },
    output: { kind: 'normal', mean: 64, deviation: 9 },
  } as const
  const before = performance.now()
  const work = await openWork({ kind: 'synthetic', ...lengths, as }, { kind: 'closed', concurrency: 1 }, 1, engine)
  const opened = performance.now() - before
  let index = 0
  const ask = () => work.dialogue(index++).next(undefined)
  figures.add(`a prompt of ${TOKENS} tokens, as ${as}`, perCall(PROMPTS, ask), 'µs', '≤ 50')
  figures.add(`…and to find words for it, once`, opened, 'ms')
}
for (const kind of ['constant', 'poisson', 'gamma'] as const) {
  const times = arrivals({ kind: 'open', rate: 4000, arrivals: kind, burstiness: 0.5 }, 1, 10)
  figures.add(
    `an arrival, ${kind}`,
    perCall(ARRIVALS, () => times.next().value),
    'µs',
  )
}
figures.save(values.json, 'npx tsx benchmarks/bench/work.ts')

/** µs, the median of rounds; the first warms up. */
function perCall(calls: number, call: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const before = performance.now()
    for (let i = 0; i < calls; i++) call()
    return ((performance.now() - before) / calls) * 1000
  })
  return median(rounds.slice(1))
}
