import type { Config } from '../config.ts'
import { type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { benchEngine } from './engine.ts'

type Action = (config: Config, world: World, words: readonly string[]) => Promise<ExitCode>

const ACTIONS: Readonly<Record<string, Action>> = { engine: benchEngine }

/** `warpline bench PRESET`. */
export function runBench(preset: string): Action {
  const action = ACTIONS[preset]
  if (action === undefined) throw new UsageError(`bench ${preset} is not there yet`)
  return action
}
