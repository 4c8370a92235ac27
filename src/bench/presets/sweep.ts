import type { LoadSpec } from '../load/load.ts'
import type { RunReport } from '../report/bench-report.ts'
import { goodputFalls, isSaturated, type LoadPoint, loadPoint } from '../search/saturation.ts'
import { extentsOf } from './extents.ts'
import type { Preset } from './preset.ts'
import { type OneRun, RunSeries } from './run-series.ts'
import { figure, milliseconds, percent } from './words.ts'

const DEFAULT_LOADS: readonly LoadSpec[] = [1, 2, 4, 8].map(concurrency => ({ kind: 'closed', concurrency }))
/** A target that still gives more with so many times the first load is not driven further. */
const MOST_DOUBLINGS = 12

/** One load after the other: those that were chosen; from a single one on, twice as much until more gives no more. */
export const SWEEP: Preset = {
  name: 'sweep',
  run: async (settings, tools) => {
    const series = new RunSeries(settings, tools)
    const { loads } = settings
    const points: LoadPoint[] = []
    const measure = async (load: LoadSpec) => {
      const one: OneRun = { load, ...extentsOf(load), calibrate: true }
      const report = await series.run(one)
      if (report) points.push(loadPoint(sizeOf(load), report))
      return report !== undefined
    }
    if (loads.length === 1) {
      let load = loads[0]!
      for (let i = 0; i <= MOST_DOUBLINGS && (await measure(load)); i++) {
        if (points.length > 1 && isSaturated(points.at(-2)!, points.at(-1)!)) break
        load = doubled(load)
      }
    } else {
      for (const load of loads.length > 0 ? loads : DEFAULT_LOADS) if (!(await measure(load))) break
    }
    for (const line of saturationLines(points, series.runs)) series.find(line)
    return series.result()
  },
}

function sizeOf(load: LoadSpec): number {
  if (load.kind === 'trace') return load.speed ?? 1
  return load.kind === 'closed' ? load.concurrency : load.rate
}

function doubled(load: LoadSpec): LoadSpec {
  if (load.kind === 'trace') return { ...load, speed: (load.speed ?? 1) * 2 }
  return load.kind === 'closed' ? { ...load, concurrency: load.concurrency * 2 } : { ...load, rate: load.rate * 2 }
}

function saturationLines(points: readonly LoadPoint[], runs: readonly RunReport[]): readonly string[] {
  if (points.length < 2) return []
  const at = points.findIndex((point, i) => i > 0 && isSaturated(points[i - 1]!, point))
  const last = runs.at(-1)!.label
  if (at < 0) return [`more load still gives more: it is not saturated at ${last}`]
  const [before, after] = [points[at - 1]!, points[at]!]
  const [name, next] = [runs[at - 1]!.label, runs[at]!.label]
  return [
    `it saturates at ${name} with ${figure(before.tokensPerSecond)} output tokens/s and ${milliseconds(before.latencyMs)} for an answer`,
    `${next} ${whatItCosts(before, after)}`,
  ]
}

function whatItCosts(before: LoadPoint, after: LoadPoint): string {
  if (after.backlogGrows) return 'is more than is answered: requests wait longer and longer'
  if (goodputFalls(before, after))
    return `lets the goodput fall from ${figure(before.goodput!)} to ${figure(after.goodput!)} requests/s`
  const gain = after.tokensPerSecond / before.tokensPerSecond - 1
  const longer = figure(after.latencyMs / before.latencyMs)
  return `gives ${percent(Math.abs(gain))} ${gain < 0 ? 'fewer' : 'more'} tokens/s and takes ${longer} × as long`
}
