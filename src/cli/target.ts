import type { Engine, SamplingParams } from '../engine/index.ts'
import type { NativeOptions } from '../native/index.ts'
import { type Config, pick } from './config.ts'
import { ENGINE_OPTIONS, SAMPLING_OPTIONS } from './options.ts'
import { ProgressBar } from './progress.ts'
import type { World } from './world.ts'

/** Opens the chosen target, with a progress bar. */
export async function openChosen(
  config: Config,
  world: World,
  more: Pick<NativeOptions, 'isolated'> = {},
): Promise<Engine> {
  using progress = new ProgressBar(world.stderr)
  return await world.openTarget(config.target, { ...engineOptions(config), ...more, onProgress: progress.update })
}

/** Whether a GPU computes; with `auto`, what is not known yet is true. */
export function mayUseGpu({ device = 'auto' }: Pick<Config, 'device'>): boolean {
  return device !== 'cpu' && device !== 'cpu-reference'
}

/** The engine's own names for what was chosen. */
export function engineOptions(config: Partial<Config>): Omit<NativeOptions, 'onProgress'> {
  const { context, gpuMemory, ...rest } = pick(config, ENGINE_OPTIONS)
  return {
    ...rest,
    ...(context !== undefined && { contextLength: context }),
    ...(gpuMemory !== undefined && { gpuMemory: gpuMemory <= 1 ? `${100 * gpuMemory}%` : `${gpuMemory}B` }),
  }
}

export function samplingOf(config: Config): SamplingParams {
  return pick(config, SAMPLING_OPTIONS)
}
