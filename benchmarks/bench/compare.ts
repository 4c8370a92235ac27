/**
 * Whether `warpline bench compare` can be trusted, in about five minutes: of so many tries, how often two runs of one target
 * are the same, and how often a target that is 10 % slower is worse.
 *
 *   npm run bench:compare                            a table, of 100 tries
 *   npm run bench:compare -- --json FILE --tries 10  and the same as JSON
 *
 * Each run is `warpline bench` of a mock, as built, for two seconds. Some go at once, and warm up for as long as others take
 * to start; what is compared is never of the same moment, as that would share its luck.
 */
import { parseArgs } from 'node:util'
import { compareReports } from '../../src/bench/compare/compare-reports.ts'
import type { Comparison } from '../../src/bench/compare/comparison.ts'
import type { BenchReport, RunReport } from '../../src/bench/report/bench-report.ts'
import { quantile } from '../../src/statistics/index.ts'
import { Figures } from './figures.ts'
import { runBench } from './run-bench.ts'

const TARGET = 'mock:?ttft=25ms&itl=10ms'
const SLOWER = 'mock:?ttft=27.5ms&itl=11ms'
/** Tries whose runs go at once. */
const AT_ONCE = 2
const WARM_UP_S = 1

const { values } = parseArgs({ options: { json: { type: 'string' }, tries: { type: 'string', default: '100' } } })
const tries = Number(values.tries)

interface Runs {
  readonly baseline: RunReport
  readonly again: RunReport
  readonly slower: RunReport
}

const rounds: Runs[][] = []
// One round more than there are tries: each is compared with the next.
while (rounds.length * AT_ONCE < tries + AT_ONCE) {
  const seeds = Array.from({ length: AT_ONCE }, (_, i) => (rounds.length * AT_ONCE + i) * 3)
  rounds.push(await Promise.all(seeds.map(runs)))
  process.stderr.write(`\r${rounds.length * AT_ONCE * 3} runs`)
}
process.stderr.write('\n')

const pairs = rounds.slice(1).flatMap((later, i) => later.map((runs, j) => ({ earlier: rounds[i]![j]!, runs })))
const same = pairs.map(({ earlier, runs }) => compared(earlier.baseline, runs.again)).slice(0, tries)
const worse = pairs.map(({ earlier, runs }) => compared(earlier.baseline, runs.slower)).slice(0, tries)

const figures = new Figures()
const share = (of: readonly Comparison[], verdict: string) =>
  (100 * of.filter(each => each.verdict === verdict).length) / of.length
figures.add('one target twice: called the same', share(same, 'same'), '%', '≥ 95')
figures.add('one target twice: called inconclusive', share(same, 'inconclusive'), '%')
figures.add('one target twice: called worse', share(same, 'worse'), '%')
figures.add('10 % slower: called worse', share(worse, 'worse'), '%', '≥ 90')
figures.add('10 % slower: called inconclusive', share(worse, 'inconclusive'), '%')
figures.add('10 % slower: called the same', share(worse, 'same'), '%')
for (const name of ['TTFT typical', 'TPOT typical', 'E2E typical', 'steady output']) {
  figures.add(`one target twice: ${name}, how far runs lie apart`, 100 * apart(same, name), '%')
  figures.add(`10 % slower: ${name}, found`, 100 * (typicalChange(worse, name) - 1), '%')
}
for (const comparison of same.filter(({ verdict }) => verdict !== 'same'))
  process.stderr.write(`${whyNot(comparison)}\n`)
figures.save(values.json, 'npm run bench:compare -- --json FILE')

async function runs(seed: number): Promise<Runs> {
  const [baseline, again, slower] = await Promise.all([run(TARGET, seed), run(TARGET, seed + 1), run(SLOWER, seed + 2)])
  return { baseline, again, slower }
}

async function run(target: string, seed: number): Promise<RunReport> {
  const load = ['--concurrency', '8', '--warm-up', `${WARM_UP_S}s`, '--duration', '2s', '--seed', String(seed)]
  return (await runBench(target, ...load, '--prompt-tokens', '32', '--output-tokens', '16', '--no-calibrate')).run
}

function compared(baseline: RunReport, other: RunReport): Comparison {
  return compareReports([reportOf(baseline), reportOf(other)])
}

function reportOf(run: RunReport): BenchReport {
  return {
    schema: 'warpline-bench/1',
    kind: 'run',
    command: '',
    date: run.startedAt,
    commit: null,
    machine: { gpu: null, driver: null, cuda: null, cpu: '', cores: 0, node: process.versions.node },
    runs: [run],
    findings: [],
  }
}

/** What kept two runs of one target from being the same. */
function whyNot({ verdict, runs }: Comparison): string {
  const measures = runs[0]?.measures.filter(({ role, verdict }) => role === 'decides' && verdict !== 'same') ?? []
  const percent = (ratio: number | null) => (ratio === null ? '?' : `${(100 * (ratio - 1)).toFixed(1)} %`)
  const told = measures.map(
    ({ name, change, low, high }) => `${name} ${percent(change)} [${percent(low)}, ${percent(high)}]`,
  )
  return `${verdict}: ${[...told, ...(runs[0]?.reasons ?? [])].join('; ')}`
}

/** Half of what should be no change is greater. */
function apart(comparisons: readonly Comparison[], name: string): number {
  return middle(changesOf(comparisons, name).map(change => Math.abs(change - 1)))
}

function typicalChange(comparisons: readonly Comparison[], name: string): number {
  return middle(changesOf(comparisons, name))
}

function middle(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5)
}

function changesOf(comparisons: readonly Comparison[], name: string): readonly number[] {
  return comparisons.map(each => changeOf(each, name)).filter(change => !Number.isNaN(change))
}

function changeOf({ runs }: Comparison, name: string): number {
  return runs[0]?.measures.find(measure => measure.name === name)?.change ?? Number.NaN
}
