import { UnsupportedError } from '../../engine/index.ts'
import type { LoadSpec } from '../load/load.ts'
import type { Preset } from '../presets/preset.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { Extent } from '../run/run.ts'
import { differences } from './differences.ts'
import type { Layer } from './layer.ts'
import { LAYERS } from './layers.ts'

const ONE_USER: LoadSpec = { kind: 'closed', concurrency: 1 }
const WARM_UP: Extent = { requests: 5 }
/** Enough for a 90th percentile; ask for more to see a 99th. */
const MEASURE: Extent = { requests: 100 }

/**
 * The same work and load through one layer after another, from the engine outwards, and what each adds to the one before.
 * The innermost is measured once more in the end, so that it is seen how far two runs of one thing lie apart here.
 */
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
    const about = loads.length > 1 ? { load: nameOf(load) } : {}
    const through: RunReport[] = []
    // The first once more: what differs between its two runs is the machine's doing.
    const passes = layers.length > 1 ? [...layers, layers[0]!] : layers
    for (const [i, layer] of passes.entries()) {
      if (tools.signal?.aborted) break
      const name = i < layers.length ? layer.name : `${layer.name} again`
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
          label: [name, ...Object.values(about)].join(', '),
          parameters: { layer: name, ...about },
          objectives,
          calibrate,
          ...(tools.signal && { signal: tools.signal }),
        },
      )
      through.push(report)
    }
    runs.push(...through)
    findings.push(...told(through, layers.length))
  }
  return { runs, findings }
}

/** Each layer beside the one before it, and the first beside itself. */
function told(runs: readonly RunReport[], layers: number): readonly string[] {
  return runs.flatMap((run, i) => {
    if (i === 0) return []
    const before = runs[i < layers ? i - 1 : 0]!
    const heading = i < layers ? `${run.label} adds to ${before.label}` : `${run.label}: what the machine alone changes`
    return [`${heading}:`, ...differences(run, before)]
  })
}

function nameOf(load: LoadSpec): string {
  if (load.kind === 'closed') return `${load.concurrency} at once`
  return load.kind === 'open' ? `${load.rate} requests/s` : 'a trace'
}
