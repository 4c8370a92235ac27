import type { Device } from '../device.ts'
import { ACTIVATION_CASES } from './cases/activation.ts'
import { ATTENTION_CASES } from './cases/attention.ts'
import { EMBED_CASES } from './cases/embed.ts'
import { FUSED_CASES } from './cases/fused.ts'
import { GATHER_CASES } from './cases/gather.ts'
import { LINEAR_CASES } from './cases/linear.ts'
import { NORM_CASES } from './cases/norm.ts'
import { ROPE_CASES } from './cases/rope.ts'
import { SAMPLING_CASES } from './cases/sampling.ts'
import type { DeviceCase } from './device-case.ts'

export type { DeviceCase } from './device-case.ts'

/** Every operation at the shapes of real models and where kernels go wrong: odd sizes, single rows, block boundaries, long contexts. */
export const DEVICE_CASES: readonly DeviceCase[] = [
  ...LINEAR_CASES,
  ...EMBED_CASES,
  ...NORM_CASES,
  ...ACTIVATION_CASES,
  ...GATHER_CASES,
  ...ROPE_CASES,
  ...ATTENTION_CASES,
  ...SAMPLING_CASES,
  ...FUSED_CASES,
]

/** Those that `device` has the number types for, each with the seed that is its own on every device. */
export function casesFor({ types }: Pick<Device, 'types'>): (DeviceCase & { readonly seed: number })[] {
  return DEVICE_CASES.map((deviceCase, i) => ({ ...deviceCase, seed: i + 1 })).filter(
    ({ needs }) => needs === undefined || types.has(needs),
  )
}
