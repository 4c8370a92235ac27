import type { Engine, SamplingParams } from '../engine/index.ts'
import { type Config, pick } from './config.ts'
import { ENGINE_OPTIONS, SAMPLING_OPTIONS } from './options.ts'
import { ProgressBar } from './progress.ts'
import type { World } from './world.ts'

/** Opens the chosen target, with a progress bar. */
export async function openChosen(config: Config, world: World): Promise<Engine> {
  using progress = new ProgressBar(world.stderr)
  const { context, gpuMemory, ...rest } = pick(config, ENGINE_OPTIONS)
  return await world.openTarget(config.target, {
    ...rest,
    ...(context !== undefined && { contextLength: context }),
    ...(gpuMemory !== undefined && { gpuMemory: gpuMemory <= 1 ? `${100 * gpuMemory}%` : `${gpuMemory}B` }),
    onProgress: progress.update,
  })
}

export function samplingOf(config: Config): SamplingParams {
  return pick(config, SAMPLING_OPTIONS)
}
