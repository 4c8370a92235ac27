import { expect, test } from 'vitest'
import type { RunReport } from '../report/bench-report.ts'
import { comparePair } from './compare-pair.ts'
import { compareReports } from './compare-reports.ts'
import { type SimulatedTarget, simulatedReport, simulatedRun } from './testing/simulated-run.ts'

const TARGET: SimulatedTarget = { ttftMs: 20, itlMs: 10 }
const SLOWER: SimulatedTarget = { ttftMs: 22, itlMs: 11 }
const BLOCKS = 6

/** Both in turns, on a machine that slows down by 3 % from each block to the next. */
function taken(other: SimulatedTarget, seed: number): readonly RunReport[] {
  return Array.from({ length: BLOCKS }, (_, block) => {
    const heat = 1.03 ** block
    return [TARGET, other].map((target, i) => ({
      ...simulatedRun(
        { ttftMs: target.ttftMs * heat, itlMs: target.itlMs * heat },
        {
          seed: seed * 1000 + block * 2 + i,
          concurrency: 8,
          seconds: 1.5,
          outputTokens: 16,
          betweenRuns: 0.003,
          wander: 0.02,
          hiccups: 0.2,
        },
      ),
      label: `${'AB'[i]}${block + 1}`,
      parameters: { target: 'AB'[i]!, block },
    }))
  }).flat()
}

const pair = (runs: readonly RunReport[]) => comparePair(simulatedReport(runs, 'pair'))

test('what drifts meets both alike: one target beside itself is the same', () => {
  for (const seed of [1, 2, 3, 4, 5]) expect(pair(taken(TARGET, seed)).verdict).toBe('same')
})

test('a target that is 10 % slower is worse', () => {
  for (const seed of [1, 2, 3, 4, 5]) expect(pair(taken(SLOWER, seed)).verdict).toBe('worse')
})

test('pairs are surer than the same runs apart', () => {
  const runs = taken(TARGET, 6)
  const side = (name: string) => runs.filter(({ parameters }) => parameters.target === name)
  const apart = compareReports(
    ['A', 'B'].map(name => side(name).map(run => simulatedReport([{ ...run, parameters: {}, label: 'x' }]))),
  )
  const width = ({ low, high }: { low: number | null; high: number | null }) => high! - low!
  expect(width(pair(runs).runs[0]!.measures[0]!)).toBeLessThan(0.5 * width(apart.runs[0]!.measures[0]!))
})

test('a block that only one target has is left out', () => {
  const { runs, sides } = pair(taken(TARGET, 7).slice(0, -1))
  expect(runs[0]).toMatchObject({
    paired: true,
    repeats: [BLOCKS - 1, BLOCKS - 1],
    parameters: {},
    side: 1,
    label: 'mock: beside mock:',
  })
  expect(sides).toHaveLength(2)
})

test('pairs under several loads are compared load by load', () => {
  const under = (concurrency: number, seed: number) =>
    taken(TARGET, seed).map(run => ({ ...run, parameters: { ...run.parameters, concurrency } }))
  const { runs } = pair([...under(4, 10), ...under(8, 11)])
  expect(runs.map(({ label, parameters }) => [label, parameters])).toEqual([
    ['concurrency 4', { concurrency: 4 }],
    ['concurrency 8', { concurrency: 8 }],
  ])
})

test('a report of pairs is known without being called one', () => {
  const report = simulatedReport(taken(TARGET, 8), 'pair')
  expect(compareReports([report])).toEqual(comparePair(report))
})

test('without a pair there is nothing to compare', () => {
  expect(() => pair(taken(TARGET, 9).slice(0, 1))).toThrow(expect.objectContaining({ code: 'not_comparable' }))
})
