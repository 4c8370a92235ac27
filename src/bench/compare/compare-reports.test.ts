import { expect, test } from 'vitest'
import type { RunReport } from '../report/bench-report.ts'
import { compareReports } from './compare-reports.ts'
import { COMPARISON_EXITS, type ComparisonVerdict } from './comparison.ts'
import { type SimulatedTarget, type Simulation, simulatedReport, simulatedRun } from './testing/simulated-run.ts'

const TARGET: SimulatedTarget = { ttftMs: 20, itlMs: 10 }
const SLOWER: SimulatedTarget = { ttftMs: 22, itlMs: 11 }
/** Some hundred requests on a machine that is not quiet: the pace of a run and the next are 1 % apart. */
const LOAD = { concurrency: 8, seconds: 4, outputTokens: 16, betweenRuns: 0.005, wander: 0.02, hiccups: 0.2 }

const run = (target: SimulatedTarget, seed: number, load: Partial<Simulation> = {}) =>
  simulatedRun(target, { ...LOAD, ...load, seed })

const compared = (baseline: RunReport, other: RunReport) =>
  compareReports([simulatedReport([baseline]), simulatedReport([other])])

function verdicts(other: SimulatedTarget, tries: number): Record<ComparisonVerdict, number> {
  const counts = { same: 0, better: 0, worse: 0, inconclusive: 0 }
  for (let seed = 0; seed < tries; seed++) counts[compared(run(TARGET, 2 * seed), run(other, 2 * seed + 1)).verdict]++
  return counts
}

test('two runs of one target are the same, of 200 at least 190, and hardly ever worse', { timeout: 120_000 }, () => {
  const { same, worse } = verdicts(TARGET, 200)
  expect(same).toBeGreaterThanOrEqual(190)
  expect(worse).toBeLessThanOrEqual(2)
})

test('a target that is 10 % slower is worse, of 200 at least 180, and never the same', { timeout: 120_000 }, () => {
  const { worse, same, better } = verdicts(SLOWER, 200)
  expect(worse).toBeGreaterThanOrEqual(180)
  expect(same + better).toBe(0)
})

test('what is faster is better, which is no failure', () => {
  const { verdict, runs } = compared(run(SLOWER, 1), run(TARGET, 2))
  expect(verdict).toBe('better')
  expect(runs[0]?.measures.find(({ name }) => name === 'TPOT typical')?.verdict).toBe('better')
  expect(COMPARISON_EXITS).toEqual({ same: 0, better: 0, worse: 1, inconclusive: 2 })
})

test('a ratio stands with its interval and how great it is among what varies', () => {
  const { runs } = compared(run(TARGET, 3), run(SLOWER, 4))
  const [ttft] = runs[0]!.measures
  expect(ttft).toMatchObject({ name: 'TTFT typical', unit: 'ms', better: 'lower', role: 'decides', verdict: 'worse' })
  expect(ttft!.change).toBeCloseTo(1.1, 1)
  expect(ttft!.low).toBeLessThan(ttft!.change)
  expect(ttft!.high).toBeGreaterThan(ttft!.change)
  expect(ttft!.effect).toBeGreaterThan(0.8)
  expect(ttft!.shift).toBeCloseTo(2, 0)
  expect(runs[0]!.measures.find(({ name }) => name === 'steady output')!.change).toBeCloseTo(1 / 1.1, 1)
})

test('the same report twice is the same', () => {
  const one = run(TARGET, 5)
  const { verdict, runs } = compared(one, one)
  expect(verdict).toBe('same')
  for (const { change, unit } of runs[0]!.measures) expect(change).toBe(unit === 'share' ? 0 : 1)
})

test('too few requests are inconclusive, not the same', () => {
  const few = { seconds: 0.1, concurrency: 2 }
  const { verdict, runs } = compared(run(TARGET, 6, few), run(TARGET, 7, few))
  expect(verdict).toBe('inconclusive')
  expect(runs[0]!.measures[0]).toMatchObject({ low: null, high: null, verdict: 'inconclusive' })
})

test('a stall that only tails show makes it worse', () => {
  const stalled = run(TARGET, 9, { seconds: 40, betweenRuns: 0 })
  const { measures } = stalled
  const tail = 10 * measures.ttft.p99!.value
  const worse: RunReport = {
    ...stalled,
    measures: { ...measures, ttft: { ...measures.ttft, p99: { value: tail, low: 0.8 * tail, high: 1.2 * tail } } },
  }
  const found = compared(run(TARGET, 8, { seconds: 40, betweenRuns: 0 }), worse)
  expect(found.verdict).toBe('worse')
  const blamed = found.runs[0]!.measures.filter(({ role, verdict }) => role !== 'shown' && verdict === 'worse')
  expect(blamed.map(({ name }) => name)).toEqual(['TTFT p99'])
})

test('one long stall, which may be chance, is not passed over as the same', () => {
  const quiet = { betweenRuns: 0, wander: 0.005, hiccups: 0 }
  const other = run(TARGET, 21, quiet)
  const e2e = { ...other.measures.e2e, mean: { value: 1.5 * other.measures.e2e.mean.value, low: null, high: null } }
  const { verdict, runs } = compared(run(TARGET, 20, quiet), { ...other, measures: { ...other.measures, e2e } })
  expect(verdict).toBe('inconclusive')
  expect(runs[0]!.reasons).toEqual(['E2E mean: 1.5 times as great, which may be chance: measure longer'])
})

test('errors make it worse, though what succeeds is as fast', () => {
  const { verdict, runs } = compared(run(TARGET, 10), run({ ...TARGET, errors: 0.2 }, 11))
  expect(verdict).toBe('worse')
  expect(runs[0]!.measures.find(({ name }) => name === 'errors')).toMatchObject({ baseline: 0, verdict: 'worse' })
})

test('goodput is compared where both sides had the same bounds', () => {
  const bounded = (seed: number, belowMs: number, share: number): RunReport => {
    const report = run(TARGET, seed)
    const goodput = { objectives: [{ measure: 'ttft' as const, belowMs }], perSecond: 40 * share, share }
    return { ...report, measures: { ...report.measures, goodput } }
  }
  const found = (other: RunReport) =>
    compared(bounded(1, 30, 0.95), other).runs[0]!.measures.find(({ name }) => name === 'goodput')
  expect(found(bounded(2, 30, 0.5))).toMatchObject({ role: 'warns', value: 0.5, verdict: 'worse' })
  expect(found(bounded(2, 40, 0.5))).toBeUndefined()
  expect(found(run(TARGET, 2))).toBeUndefined()
})

test('a point of errors in a hundred is none', () => {
  const found = compared(run(TARGET, 10), run({ ...TARGET, errors: 0.005 }, 11))
  expect(found.runs[0]!.measures.find(({ name }) => name === 'errors')?.verdict).toBe('same')
})

test('repeated runs that lie far apart say so; those that agree make it surer', () => {
  const side = (target: SimulatedTarget, seeds: readonly number[], betweenRuns: number) =>
    seeds.map(seed => simulatedReport([run(target, seed, { betweenRuns, wander: 0.002, hiccups: 0 })]))
  const width = (from: readonly number[], to: readonly number[], betweenRuns: number) => {
    const { runs } = compareReports([side(TARGET, from, betweenRuns), side(TARGET, to, betweenRuns)])
    return runs[0]!.measures[0]!.high! - runs[0]!.measures[0]!.low!
  }
  const seeds = [1, 2, 3, 4, 5]
  const others = [6, 7, 8, 9, 10]
  expect(width(seeds, others, 0.001)).toBeLessThan(0.6 * width([1], [6], 0.001))
  expect(width(seeds, others, 0.05)).toBeGreaterThan(2 * width(seeds, others, 0.001))
  expect(compareReports([side(TARGET, seeds, 0.05), side(TARGET, others, 0.05)]).runs[0]!.repeats).toEqual([5, 5])
})

test("an open loop's rates are its load's, and decide nothing", () => {
  const open = (seed: number): RunReport => {
    const report = run(TARGET, seed)
    return { ...report, spec: { ...report.spec, load: { kind: 'open', rate: 40, arrivals: 'poisson' } } }
  }
  const { runs } = compared(open(1), open(2))
  expect(runs[0]!.measures.find(({ name }) => name === 'steady output')?.role).toBe('shown')
})

const one = run(TARGET, 12)
const invalid: RunReport = { ...one, verdict: { valid: false, reasons: ['the client used 99 % of a core'] } }

test.each<[what: string, other: RunReport, reason: string]>([
  ['an invalid run', invalid, 'what is compared with it is invalid: the client used 99 % of a core'],
  [
    'a run that was cut short',
    { ...one, cutShort: 'interrupted' },
    'what is compared with it was cut short: interrupted',
  ],
  ['another load', run(TARGET, 13, { concurrency: 4 }), 'the load is not the same: measure both under the same'],
  ['other work', run(TARGET, 14, { outputTokens: 8 }), 'the work is not the same: measure both with the same'],
  ['a run without answers', run({ ...TARGET, errors: 1 }, 15), 'no request succeeded'],
])('%s cannot be compared', (_, other, reason) => {
  const { verdict, runs } = compared(one, other)
  expect(verdict).toBe('inconclusive')
  expect(runs[0]!.reasons).toContain(reason)
})

test('runs are matched by their parameters, in any order; one that is alone is told', () => {
  const at = (concurrency: number, seed: number): RunReport => ({
    ...run(TARGET, seed, { concurrency }),
    label: `concurrency ${concurrency}`,
    parameters: { concurrency },
  })
  const { verdict, reasons, runs } = compareReports([
    simulatedReport([at(4, 1), at(8, 2), at(2, 3)]),
    simulatedReport([at(8, 4), at(4, 5)]),
  ])
  expect(runs.map(({ label, side }) => [label, side])).toEqual([
    ['concurrency 4', 1],
    ['concurrency 8', 1],
  ])
  expect([verdict, reasons]).toEqual(['inconclusive', ['the baseline alone has the run concurrency 2']])
})

test('a single run is matched whatever its target is called', () => {
  const elsewhere = run(TARGET, 17)
  const other: RunReport = { ...elsewhere, label: 'http://b', spec: { ...elsewhere.spec, target: 'http://b' } }
  expect(compared(one, other).runs).toHaveLength(1)
})

test('the same work in other words is the same', () => {
  const worded = (variant: number): RunReport => {
    const { work } = one.spec
    return work.kind === 'synthetic' ? { ...one, spec: { ...one.spec, work: { ...work, variant } } } : one
  }
  expect(compared(worded(1), worded(2)).verdict).toBe('same')
  expect(compared(worded(1), one).verdict).toBe('same')
})

test('of three reports each is compared with the first', () => {
  const reports = [one, run(TARGET, 18), run(SLOWER, 19)].map(each => simulatedReport([each]))
  const { verdict, runs, sides } = compareReports(reports)
  expect(runs.map(({ side, verdict }) => [side, verdict])).toEqual([
    [1, 'same'],
    [2, 'worse'],
  ])
  expect([verdict, sides.length]).toEqual(['worse', 3])
})

test.each([
  ['none', [], 'there is nothing to compare: give two reports or more'],
  ['one', [simulatedReport([one])], 'one report has nothing beside it: give two or more, or one of --pair'],
  [
    'two that have nothing in common',
    [simulatedReport([{ ...one, label: 'a' }]), simulatedReport([{ ...one, label: 'b' }])],
    'the reports have no run in common: the baseline alone has the run a',
  ],
])('reports are refused: %s', (_, reports, message) => {
  expect(() => compareReports(reports)).toThrow(expect.objectContaining({ code: 'not_comparable', message }))
})
