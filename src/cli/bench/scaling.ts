import { PRESETS, scalingTargets } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { underLoad } from './under-load.ts'

/** `warpline bench scaling TARGET…`: targets of several sizes, or one whose name says `{n}`. */
export async function benchScaling(config: Config, world: World, words: readonly string[]): Promise<ExitCode> {
  const { code } = await underLoad(PRESETS.scaling!, chosen(config, words), config, world)
  return code
}

function chosen({ counts }: Config, words: readonly string[]) {
  const [first, second] = words
  if (first?.includes('{n}') && second === undefined) {
    const sizes = counts ?? [1, 2, 4]
    return { targets: scalingTargets(first, sizes), sizes }
  }
  if (second === undefined) {
    throw new UsageError('bench scaling: name two targets or more, or one with {n} in it, e.g. "http://gpus-{n}:8090"')
  }
  if (counts !== undefined && counts.length !== words.length) {
    throw new UsageError(`bench scaling: ${words.length} targets and ${counts.length} --counts: give one for each`)
  }
  return { targets: words, ...(counts && { sizes: counts }) }
}
