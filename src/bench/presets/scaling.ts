import type { LoadSpec } from '../load/load.ts'
import { extentsOf } from './extents.ts'
import type { Preset } from './preset.ts'
import { RunSeries } from './run-series.ts'
import { figure, percent } from './words.ts'

/** Of what it may hold in each place, users enough to keep the smallest busy. */
const DEFAULT_LOAD: LoadSpec = { kind: 'closed', concurrency: 64 }

/** A target for each of these counts of GPUs or ranks, by a template that says `{n}`. */
export function scalingTargets(template: string, counts: readonly number[]): readonly string[] {
  return counts.map(n => template.replaceAll('{n}', String(n)))
}

/**
 * The same load on targets of several sizes. Speed-up is tokens per second over those of the first: sums of latencies
 * would make of two slow halves a fast whole.
 */
export const SCALING: Preset = {
  name: 'scaling',
  run: async (settings, tools) => {
    const series = new RunSeries(settings, tools)
    const { targets, sizes, loads } = settings
    const load = loads[0] ?? DEFAULT_LOAD
    let first: { readonly speed: number; readonly size: number } | undefined
    for (const [i, target] of targets.entries()) {
      const size = sizes?.[i] ?? i + 1
      const label = sizes ? `${size} × ${target}` : target
      const parameters = sizes ? { size, target } : { target }
      const report = await series.run({ load, ...extentsOf(load), target, label, parameters })
      if (report === undefined) break
      const speed = report.measures.tokens.outputPerSecond.value
      first ??= { speed, size }
      const ratio = speed / first.speed
      const efficiency = sizes ? `, efficiency ${percent((ratio * first.size) / size)}` : ''
      series.find(`${label}: ${figure(speed)} output tokens/s, speed-up ${figure(ratio)}${efficiency}`)
    }
    return series.result()
  },
}
