/**
 * How much load one `warpline bench` makes, against a server that answers at once, in about half a minute:
 *
 *   npm run bench:load                 a table
 *   npm run bench:load -- --json FILE  and the same as JSON
 *
 * It is the built command, with all that it records. Where the client is the limit, its own verdict has to say so. On two
 * cores nothing else should run.
 */
import { parseArgs } from 'node:util'
import type { Pace } from '../../src/bench/calibrate/null-request.ts'
import type { Measures } from '../../src/bench/measures/measures.ts'
import { Figures } from './figures.ts'
import { serveNull } from './null-served.ts'
import { runBench } from './run-bench.ts'

interface Case {
  readonly name: string
  readonly args: readonly string[]
  readonly pace?: Pace
  readonly unit: string
  readonly goal: string
  of(measures: Measures): number
  /** Of what is counted, over the whole run with its warm-up, for the server's cost. */
  readonly counts: 'requests' | 'tokens'
}

const CASES: readonly Case[] = [
  {
    name: 'whole answers',
    args: ['-c', '64', '-n', '16', '--no-streaming'],
    unit: 'req/s',
    goal: '≥ 4000',
    of: ({ requests }) => requests.perSecond.value,
    counts: 'requests',
  },
  {
    name: 'streams, a write each token',
    args: ['-c', '600', '-n', '100-200'],
    pace: { ttftMs: 20, itlMs: 20 },
    unit: 'tok/s',
    goal: '≥ 25000',
    of: ({ tokens }) => tokens.steadyPerSecond,
    counts: 'tokens',
  },
  {
    name: 'streams, a write each answer',
    args: ['-c', '16', '-n', '128'],
    unit: 'tok/s',
    goal: '≥ 150000',
    of: ({ tokens }) => tokens.steadyPerSecond,
    counts: 'tokens',
  },
]

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' } } })
const figures = new Figures()
for (const { name, args, pace, unit, goal, of, counts } of CASES) {
  if (values.only !== undefined && !name.includes(values.only)) continue
  await using server = await serveNull()
  const { run, lines } = await runBench(
    server.url(pace),
    ...args,
    ...['-p', '128', '--send', 'tokens', '--warm-up', '2s', '--duration', '4s'],
  )
  const served = counts === 'requests' ? lines.length : lines.reduce((sum, { outputTokens }) => sum + outputTokens, 0)
  figures.add(name, of(run.measures), unit, goal)
  figures.add(`${name}: failed`, run.measures.requests.failed, '', '0')
  figures.add(`${name}: of a core, the busiest client process`, 100 * run.client.cpu, '%')
  figures.add(`${name}: processor time of the server, for each`, (1000 * server.cpuMs()) / served, 'µs')
  figures.add(`${name}: said to be valid`, Number(run.verdict.valid), '', counts === 'requests' ? '0' : undefined)
  for (const reason of run.verdict.reasons) console.log(`  ${reason}`)
}
figures.save(values.json, 'npm run bench:load -- --json FILE')
