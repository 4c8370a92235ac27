import type { RunReport, Series } from '../report/bench-report.ts'
import type { LineChart } from './chart.ts'
import { colourOf, nameOf } from './run-marks.ts'

type Measure = keyof Series['quantiles']

/** Log-spaced places on x: nearer to each other than pixels, so that common ones serve all lines. */
const PLACES = 400

/** How large a share of the requests (of the gaps) stayed below a latency, all runs in one; undefined where none told. */
export function distributionChart(measure: Measure, runs: readonly RunReport[]): LineChart | undefined {
  const curves = runs.map(({ series }) => series.quantiles[measure])
  const values = curves.flat().filter(value => value > 0)
  if (values.length === 0) return undefined
  const xs = places(Math.min(...values), Math.max(...values))
  return {
    kind: 'lines',
    x: { label: 'Latency', unit: 'ms', log: true },
    y: { label: 'Share', unit: '%', range: [0, 1] },
    xs,
    lines: runs.flatMap((run, i) => {
      const curve = curves[i]!
      return curve.length < 2
        ? []
        : [{ name: nameOf(run), values: xs.map(x => shareBelow(curve, x)), colour: colourOf(i, runs) }]
    }),
  }
}

/** From a little below the least to a little above the greatest, and never so near together that noise looks like much. */
function places(least: number, greatest: number): readonly number[] {
  const middle = Math.sqrt(least * greatest)
  const low = Math.min(least / 1.05, middle / 1.5)
  const high = Math.max(greatest * 1.05, middle * 1.5)
  return Array.from({ length: PLACES + 1 }, (_, i) => Number((low * (high / low) ** (i / PLACES)).toPrecision(5)))
}

/** The inverse of a quantile curve, linear between its points. */
function shareBelow(curve: readonly number[], x: number): number {
  const last = curve.length - 1
  if (x < curve[0]!) return 0
  if (x >= curve[last]!) return 1
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (curve[middle]! <= x) low = middle
    else high = middle
  }
  const share = (low + (x - curve[low]!) / (curve[high]! - curve[low]!)) / last
  return Math.round(share * 1e4) / 1e4
}
