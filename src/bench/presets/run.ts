import type { LoadSpec } from '../load/load.ts'
import { extentsOf } from './extents.ts'
import type { Preset } from './preset.ts'
import { DEFAULT_TARGET, RunSeries } from './run-series.ts'

const DEFAULT_LOADS: readonly LoadSpec[] = [{ kind: 'closed', concurrency: 8 }]

/** One load on one target; of several loads, one after the other. */
export const RUN: Preset = {
  name: 'run',
  run: async (settings, tools) => {
    const series = new RunSeries(settings, tools)
    const loads = settings.loads.length > 0 ? settings.loads : DEFAULT_LOADS
    const name = loads.length === 1 ? { label: settings.targets[0] ?? DEFAULT_TARGET } : {}
    for (const load of loads) await series.run({ load, ...extentsOf(load), calibrate: true, ...name })
    return series.result()
  },
}
