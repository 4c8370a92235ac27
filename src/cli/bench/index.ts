import type { Config } from '../config.ts'
import { type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { benchCompare } from './compare.ts'
import { benchEngine } from './engine.ts'
import { benchReport } from './report.ts'
import { underLoad } from './under-load.ts'

type Action = (config: Config, world: World, words: readonly string[]) => Promise<ExitCode>

/** Presets that do more than put a load on a target. */
const ACTIONS: Readonly<Record<string, Action>> = {
  compare: benchCompare,
  engine: benchEngine,
  report: benchReport,
  run: async (config, world) => (await underLoad('run', [config.target ?? 'ember'], config, world)).code,
}

/** `warpline bench PRESET`. */
export function runBench(preset: string): Action {
  const action = ACTIONS[preset]
  if (action === undefined) throw new UsageError(`bench ${preset} is not there yet`)
  return action
}
