import { openCheckpoint } from '../formats/index.ts'
import type { ActivationType } from './device/device.ts'
import type { ModelConfig } from './model/config.ts'
import { readModelConfig } from './model/read-config.ts'
import { isShapeName, modelShape, type ShapeName } from './model/shapes.ts'

/** Where a model comes from: a folder, or a known shape without any files. */
export interface ModelSource {
  readonly from: { readonly directory: string } | { readonly shape: ShapeName }
  /** Random weights instead of the folder's own. */
  readonly dummy: boolean
}

/** @param name A folder; of a model with random weights, the name of a known shape as well. */
export function modelSource(name: string, dummy: boolean): ModelSource {
  return { from: dummy && isShapeName(name) ? { shape: name } : { directory: name }, dummy }
}

/** @throws FormatError */
export function configOf({ from }: ModelSource): ModelConfig {
  return 'shape' in from ? modelShape(from.shape) : readModelConfig(from.directory)
}

const TYPES: Readonly<Record<string, ActivationType>> = { F32: 'f32', BF16: 'bf16', F16: 'f16' }

/** What all numbers of the checkpoint are; undefined where they are of several kinds, or random. */
export function checkpointType({ from, dummy }: ModelSource): ActivationType | undefined {
  if (dummy || 'shape' in from) return undefined
  using checkpoint = openCheckpoint(from.directory)
  const types = new Set([...checkpoint.tensors.values()].map(({ dtype }) => dtype))
  const [only] = types
  return types.size === 1 && only !== undefined ? TYPES[only] : undefined
}
