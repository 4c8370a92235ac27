import { PRESETS, runLayers } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { benchCompare } from './compare.ts'
import { benchEngine } from './engine.ts'
import { benchMatrix } from './matrix.ts'
import { benchPair } from './pair.ts'
import { benchReport } from './report.ts'
import { benchScaling } from './scaling.ts'
import { underLoad } from './under-load.ts'

type Action = (config: Config, world: World, words: readonly string[]) => Promise<ExitCode>

/** What `warpline bench PRESET` does, by the preset's name. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  run: benchRun,
  latency: ofOneTarget(PRESETS.latency!),
  throughput: ofOneTarget(PRESETS.throughput!),
  sweep: ofOneTarget(PRESETS.sweep!),
  cache: ofOneTarget(PRESETS.cache!),
  layers: ofOneTarget({ name: 'layers', run: runLayers }),
  scaling: benchScaling,
  matrix: benchMatrix,
  compare: benchCompare,
  report: benchReport,
  engine: benchEngine,
}

const DEFAULT_TARGET = 'ember'

/** Without a preset it is what the options make it: two targets, a search, a sweep, or one run. */
async function benchRun(config: Config, world: World): Promise<ExitCode> {
  const { target = DEFAULT_TARGET, pair, slo, sloShare, margin, concurrency = [], rate = [], replay } = config
  const loads = concurrency.length + rate.length + (replay === undefined ? 0 : 1)
  if (pair !== undefined) return await benchPair([target, pair], config, world)
  if (margin !== undefined) throw new UsageError('bench: --margin is of --pair')
  if (slo !== undefined && loads === 0) return await ofOneTarget(PRESETS.slo!)(config, world, [])
  if (sloShare !== undefined) throw new UsageError('bench: --slo-share is of a search: give --slo and no load')
  return await ofOneTarget(loads > 1 ? PRESETS.sweep! : PRESETS.run!)(config, world, [])
}

function ofOneTarget(preset: Parameters<typeof underLoad>[0]): Action {
  return async (config, world) => {
    const { code } = await underLoad(preset, { targets: [config.target ?? DEFAULT_TARGET] }, config, world)
    return code
  }
}
