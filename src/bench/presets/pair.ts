import { InvalidRequestError } from '../../engine/index.ts'
import type { LoadSpec } from '../load/load.ts'
import type { Extent } from '../run/run.ts'
import type { Preset } from './preset.ts'
import { RunSeries } from './run-series.ts'

/** Pairs of runs: so many differences, which is enough to tell how sure their mean is. */
const BLOCKS = 8
const DEFAULT_LOAD: LoadSpec = { kind: 'closed', concurrency: 8 }

/**
 * Two targets in turn, A B B A A B B A …: what drifts while it is measured — a clock, a neighbour, the weather — meets
 * both alike. Both runs of a block have the same arrivals and lengths, in words of their own.
 */
export const PAIR: Preset = {
  name: 'pair',
  run: async (settings, tools) => {
    const { blocks = BLOCKS, measure = { seconds: 5 * BLOCKS }, ...others } = settings
    const { targets, loads } = settings
    const [a, b] = targets
    if (a === undefined || b === undefined) throw new InvalidRequestError('a pair is two targets', 'targets')
    const series = new RunSeries(others, tools)
    const load = loads[0] ?? DEFAULT_LOAD
    const sides = [
      { name: 'A', target: a },
      { name: 'B', target: b },
    ]
    for (let block = 0; block < blocks; block++) {
      for (const { name, target } of block % 2 === 0 ? sides : sides.toReversed()) {
        await series.run({
          load,
          target,
          warmUp: { seconds: 1 },
          measure: part(measure, blocks),
          seed: settings.seed + block,
          label: `${name}${block + 1}`,
          parameters: { target: name, block },
        })
      }
    }
    return series.result()
  },
}

/** Of all that is measured of each target. */
function part(whole: Extent, blocks: number): Extent {
  return 'requests' in whole
    ? { requests: Math.max(1, Math.round(whole.requests / blocks)) }
    : { seconds: whole.seconds / blocks }
}
