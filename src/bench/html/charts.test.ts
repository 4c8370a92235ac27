import { describe, expect, test } from 'vitest'
import type { RunReport } from '../report/bench-report.ts'
import { smallRun } from '../report/testing/small-run.ts'
import { curveChart } from './curve-charts.ts'
import { distributionChart } from './distribution-charts.ts'
import { colourOf } from './run-marks.ts'
import { sweepAxis } from './sweep-axis.ts'
import { heatChart, timelineCharts } from './timeline-charts.ts'

const withParameters = (...all: readonly RunReport['parameters'][]) =>
  all.map(parameters => smallRun({ parameters, label: JSON.stringify(parameters) }))

/** Of a run whose tokens per second and TTFT are these. */
const fast = (parameters: RunReport['parameters'], output: number, p50: number, p99: number | null = null) => {
  const run = smallRun({ parameters })
  const { tokens, ttft } = run.measures
  const estimate = (value: number) => ({ value, low: null, high: null })
  const measures = {
    ...run.measures,
    tokens: { ...tokens, outputPerSecond: estimate(output) },
    ttft: { ...ttft, p50: estimate(p50), p99: p99 === null ? null : estimate(p99) },
  }
  return { ...run, measures }
}

describe('the axis of a sweep', () => {
  test.each([
    ['no parameters', [{}, {}], undefined],
    ['one run', [{ rate: 1 }], undefined],
    ['all alike', [{ rate: 1 }, { rate: 1 }], undefined],
    ['numbers', [{ rate: 1 }, { rate: 2 }], 'rate'],
    ['words', [{ layer: 'http' }, { layer: 'engine' }], undefined],
    [
      'what is constant is passed by',
      [
        { concurrency: 4, size: 1 },
        { concurrency: 4, size: 2 },
      ],
      'size',
    ],
    [
      'repetitions are no load',
      [
        { target: 'A', block: 0 },
        { target: 'A', block: 1 },
      ],
      undefined,
    ],
    ['what only some have', [{ rate: 1 }, { rate: 2 }, {}], undefined],
  ] as const)('%s', (_, parameters, axis) => {
    expect(sweepAxis(withParameters(...parameters))).toBe(axis)
  })
})

describe('colours', () => {
  const colours = (...parameters: RunReport['parameters'][]) => {
    const runs = withParameters(...parameters)
    return runs.map((_, i) => colourOf(i, runs))
  }
  test('of a sweep show its order', () => {
    expect(colours({ rate: 1 }, { rate: 2 }, { rate: 4 })).toEqual([
      { step: 0, steps: 3 },
      { step: 1, steps: 3 },
      { step: 2, steps: 3 },
    ])
  })
  test('of repetitions are one', () => {
    const of = (target: string, block: number) => ({ target, block })
    expect(colours(of('A', 0), of('B', 0), of('B', 1), of('A', 1))).toEqual([0, 1, 1, 0].map(kind => ({ kind })))
  })
})

describe('latency over throughput', () => {
  test('is joined in the order of the sweep, though throughput falls again', () => {
    const runs = [fast({ c: 1 }, 100, 10), fast({ c: 2 }, 200, 11, 30), fast({ c: 4 }, 150, 40, 90)]
    const chart = curveChart('ttft', 'TTFT', runs)
    expect(chart?.points).toEqual([
      { x: 100, label: '1' },
      { x: 150, label: '4' },
      { x: 200, label: '2' },
    ])
    expect(chart?.curves.map(({ name, values, order }) => ({ name, values, order }))).toEqual([
      { name: 'p50', values: [10, 40, 11], order: [0, 2, 1] },
      { name: 'p99', values: [null, 90, 30], order: [2, 1] },
    ])
  })

  test('has a curve for each of what else they differ in', () => {
    const model = (name: string, c: number) => fast({ model: name, c }, c * 100, 10)
    const chart = curveChart('ttft', 'TTFT', [model('a', 1), model('a', 2), model('b', 1), model('b', 2)])
    expect(chart?.curves.map(({ name }) => name)).toEqual(['a p50', 'b p50'])
  })

  test('takes targets of growing size for one curve', () => {
    const size = (gpus: number) => fast({ size: gpus, target: `http://${gpus}` }, gpus * 100, 10)
    expect(curveChart('ttft', 'TTFT', [size(1), size(2), size(4)])?.curves.map(({ name }) => name)).toEqual(['p50'])
  })

  test('marks what is invalid, and is not there where nothing was swept', () => {
    const invalid = { ...fast({ c: 2 }, 200, 11), verdict: { valid: false, reasons: [] } }
    expect(curveChart('ttft', 'TTFT', [fast({ c: 1 }, 100, 10), invalid])?.points[1]?.label).toBe('2 INVALID')
    expect(curveChart('ttft', 'TTFT', [fast({ c: 1 }, 100, 10)])).toBeUndefined()
    expect(curveChart('ttft', 'TTFT', withParameters({ c: 1 }, { c: 2 }))).toBeUndefined()
  })
})

describe('distributions', () => {
  const runOf = (ttft: readonly number[]) => {
    const run = smallRun()
    return { ...run, series: { ...run.series, quantiles: { ...run.series.quantiles, ttft } } }
  }
  const evenly = Array.from({ length: 201 }, (_, i) => 10 + i / 2)

  test('are the inverse of the quantiles: half lies below the median', () => {
    const { xs, lines } = distributionChart('ttft', [runOf(evenly)])!
    const shares = lines[0]!.values as readonly number[]
    for (const [i, x] of xs.entries()) {
      expect(shares[i]).toBeCloseTo(Math.min(1, Math.max(0, (x - 10) / 100)), 3)
    }
    expect([shares[0], shares.at(-1)]).toEqual([0, 1])
  })

  test('of a target that takes always the same rise in one place', () => {
    const { xs, lines } = distributionChart('ttft', [runOf(Array(201).fill(50))])!
    expect(lines[0]!.values.every((share, i) => share === (xs[i]! < 50 ? 0 : 1))).toBe(true)
    expect(xs.at(-1)! / xs[0]!).toBeGreaterThan(2)
  })

  test('share one x; who has none is left out, and without any there is no chart', () => {
    const chart = distributionChart('ttft', [runOf(evenly), runOf([]), runOf(evenly.map(ms => ms * 3))])!
    expect(chart.lines).toHaveLength(2)
    expect(chart.lines.every(({ values }) => values.length === chart.xs.length)).toBe(true)
    expect(distributionChart('ttft', [runOf([])])).toBeUndefined()
  })
})

describe('over time', () => {
  test('charts name what counts, and failures only where there are some', () => {
    const run = smallRun()
    const charts = timelineCharts(run, 'run-0')
    expect(Object.keys(charts)).toEqual([
      'Output tokens',
      'TTFT and ITL',
      'Requests in flight, and failed',
      'Requests answered',
    ])
    expect(charts['Output tokens']).toMatchObject({ xs: [0.1, 0.2, 0.3], counts: [0, 0.205], x: { range: [0, 0.3] } })
    const healthy = { ...run, series: { ...run.series, failed: [0, 0, 0] } }
    expect(timelineCharts(healthy, 'run-0')['Requests in flight']?.lines.map(({ name }) => name)).toEqual(['In flight'])
  })

  test('the heat map has edges around its columns and rows', () => {
    const { gaps } = smallRun().series
    const chart = heatChart(smallRun(), 'run-0')!
    expect(chart.xs).toEqual([0, 0.1, 0.2, 0.3])
    expect(chart.ys).toHaveLength(gaps.boundsMs.length + 1)
    expect(chart.ys[0]).toBeLessThan(gaps.boundsMs[0]!)
    expect(chart.counts.every(column => column.length === chart.ys.length - 1)).toBe(true)
  })

  test('what lies above all bounds has a row, and of no gaps there is no map', () => {
    const run = smallRun()
    const of = (counts: readonly (readonly number[])[]) =>
      heatChart({ ...run, series: { ...run.series, gaps: { boundsMs: [10, 20], counts } } }, 'run-0')
    expect(of([[0, 1, 2]])).toMatchObject({ ys: [5, 10, 20, 40], counts: [[0, 1, 2]] })
    expect(of([[0, 0, 0]])).toBeUndefined()
  })
})
