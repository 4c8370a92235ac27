import { ModelLoadError } from '../engine/index.ts'
import type { ActivationType, Device, WeightStorage } from './device/device.ts'
import type { KvType } from './model/kv.ts'
import type { NativeSettings } from './options.ts'

/** What numbers are kept and computed in. */
export interface NumberTypes {
  readonly activationType: ActivationType
  /** `auto`: left to the checkpoint; on CPUs alone. */
  readonly storage: WeightStorage | 'auto'
  readonly kvType: KvType
}

/** @param checkpoint What all of the checkpoint's numbers are; undefined: of several kinds, or none. */
export function numberTypes(
  { dtype, weights, quantize, kvType }: NativeSettings,
  kind: 'cpu' | 'cuda',
  checkpoint: ActivationType | undefined,
): NumberTypes {
  const usual = kind === 'cpu' ? 'f32' : checkpoint === 'f16' ? 'f16' : 'bf16'
  const activationType = dtype === 'auto' ? usual : dtype
  return {
    activationType,
    storage: quantize ?? (weights === 'auto' && kind === 'cuda' ? activationType : weights),
    kvType: kvType === 'auto' ? activationType : kvType,
  }
}

/** @throws ModelLoadError where the device cannot keep or compute them. */
export function requireTypes(device: Device, { activationType, storage, kvType }: NumberTypes): void {
  if (device.activationType !== activationType) {
    throw new ModelLoadError(`${device.name} computes in ${device.activationType} and not in ${activationType}`)
  }
  if (storage !== 'auto' && !device.types.has(storage)) {
    throw new ModelLoadError(`${device.name} keeps no weights in ${storage}: it knows ${known(device, WEIGHTS)}`)
  }
  if (!device.types.has(kvType)) {
    throw new ModelLoadError(`${device.name} keeps no keys and values in ${kvType}: it knows ${known(device, CACHES)}`)
  }
}

const WEIGHTS: readonly WeightStorage[] = ['f32', 'bf16', 'f16', 'int8', 'fp8']
const CACHES: readonly KvType[] = ['f32', 'bf16', 'f16', 'fp8']

function known(device: Device, types: readonly (WeightStorage | KvType)[]): string {
  return types.filter(type => device.types.has(type)).join(', ')
}
