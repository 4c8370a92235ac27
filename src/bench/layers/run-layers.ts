import { UnsupportedError } from '../../engine/index.ts'
import type { LoadSpec } from '../load/load.ts'
import type { Preset } from '../presets/preset.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { Extent } from '../run/run.ts'
import { addedBy } from './added.ts'
import type { Layer } from './layer.ts'
import { LAYERS } from './layers.ts'

const ONE_USER: LoadSpec = { kind: 'closed', concurrency: 1 }
const WARM_UP: Extent = { requests: 5 }
/** Enough for a 90th percentile; ask for more to see a 99th. */
const MEASURE: Extent = { requests: 100 }

/** The same work and load through one layer after another, from the engine outwards, and what each adds to the one before. */
export const runLayers: Preset['run'] = (settings, tools) => runThrough(LAYERS, settings, tools)

export async function runThrough(
  layers: readonly Layer[],
  ...[settings, tools]: Parameters<Preset['run']>
): ReturnType<Preset['run']> {
  const { targets, loads, warmUp = WARM_UP, measure = MEASURE, objectives, calibrate, open, ...rest } = settings
  const [target = 'ember'] = targets
  if (/^(https?|wire):/.test(target)) {
    throw new UnsupportedError(`${target} is behind its layers already: name what computes, e.g. a model's folder`)
  }
  const runs: RunReport[] = []
  const findings: string[] = []
  for (const load of loads.length > 0 ? loads : [ONE_USER]) {
    const name = loads.length > 1 ? `, ${nameOf(load)}` : ''
    const through: RunReport[] = []
    for (const layer of layers) {
      if (tools.signal?.aborted) break
      await using opened = await layer.open(target, open, tools.signal)
      const { report } = await tools.measure(
        {
          ...rest,
          target: opened.target,
          ...(opened.open && { open: opened.open }),
          load,
          warmUp,
          measure,
        },
        {
          label: layer.name + name,
          parameters: { layer: layer.name, ...(name !== '' && { load: nameOf(load) }) },
          objectives,
          calibrate,
          ...(tools.signal && { signal: tools.signal }),
        },
      )
      through.push(report)
    }
    runs.push(...through)
    for (let i = 1; i < through.length; i++) findings.push(...addedBy(through[i]!, through[i - 1]!))
  }
  return { runs, findings }
}

function nameOf(load: LoadSpec): string {
  if (load.kind === 'closed') return `${load.concurrency} at once`
  return load.kind === 'open' ? `${load.rate} requests/s` : 'a trace'
}
