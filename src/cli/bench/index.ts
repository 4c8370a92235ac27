import type { Config } from '../config.ts'
import { type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { benchEngine } from './engine.ts'

type Action = (target: string | undefined, config: Config, world: World) => Promise<ExitCode>

const ACTIONS: Readonly<Record<string, Action>> = { engine: benchEngine }

/** `warpline bench`: what is measured is said by its first word. */
export async function runBench(config: Config, world: World, words: readonly string[]): Promise<ExitCode> {
  const [name, target = config.target, ...rest] = words
  const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (action === undefined || name === undefined) {
    throw new UsageError(`bench: ${name === undefined ? 'say what to measure' : `"${name}" is unknown`}: engine`)
  }
  if (rest.length > 0) throw new UsageError(`bench ${name}: one MODEL, not also "${rest[0]}"`)
  return await action(target, config, world)
}
