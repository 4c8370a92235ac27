import { BLOCK_SIZE, type Device, type ElementType, type KvLayer } from '../device/device.ts'
import type { ModelConfig } from './config.ts'

export type KvType = Extract<ElementType, 'f32' | 'bf16' | 'f16' | 'fp8'>

const BYTES: Readonly<Record<KvType, number>> = { f32: 4, bf16: 2, f16: 2, fp8: 1 }

/** Memory for `blocks` blocks of keys and values in every layer. */
export function allocateKv(device: Device, config: ModelConfig, blocks: number, type: KvType): readonly KvLayer[] {
  const { kvHeads, headDim } = config.heads
  const shape = [blocks, BLOCK_SIZE, kvHeads, headDim]
  const allocate = () => device.allocate(shape, type, 'kv-cache')
  return config.layers.map(() => ({ k: allocate(), v: allocate() }))
}

/** Bytes of one block over all layers: what a number of blocks is worked out from. */
export function kvBytesPerBlock(config: ModelConfig, type: KvType): number {
  const { kvHeads, headDim } = config.heads
  return 2 * config.layers.length * BLOCK_SIZE * kvHeads * headDim * BYTES[type]
}
