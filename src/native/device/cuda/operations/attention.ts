import type { ActivationType, ElementType, HeadShape } from '../../device.ts'
import type { Tools } from '../tools.ts'
import { attentionDecode } from './attention-decode.ts'
import { attentionGeneral } from './attention-general.ts'
import { attentionPrefill } from './attention-prefill.ts'
import type { AttentionRequest, Singles, Tiles } from './attention-request.ts'
import type { DeviceOperation } from './operation.ts'

export interface AttentionStep extends AttentionRequest {
  readonly singles: Singles
  /** Tiles of the step, none where {@link usesTiles} says no. */
  readonly tiles: Tiles
}

/** Attention of the step's singles and tiles, which together are all its tokens. */
export function attention(tools: Tools, step: AttentionStep): readonly DeviceOperation[] {
  const { qkv, kv, heads, singles, tiles } = step
  if (heads.heads % heads.kvHeads !== 0) {
    throw new RangeError(`${heads.heads} query heads cannot share ${heads.kvHeads} key heads evenly`)
  }
  const operations: DeviceOperation[] = []
  // The longest first: what it leaves idle at its end, the rest may take.
  if (tiles.count > 0) operations.push(attentionPrefill(tools, step, tiles))
  if (singles.count > 0) {
    const one = isMultiplied(qkv.type, kv.k.type, heads.headDim) ? attentionDecode : attentionGeneral
    operations.push(...one(tools, step, singles))
  }
  return operations
}

/** Whether a step's runs of queries are to be tiles; else every token is a single. */
export function usesTiles(tools: Tools, heads: HeadShape, kvType: ElementType): boolean {
  // A query alone and the same query among others are not summed in one order.
  return !tools.batchInvariant && isMultiplied(tools.activationType, kvType, heads.headDim)
}

/** Whether tensor cores take these types and heads: both factors in the same 16 bits, or fp8, which widens to them. */
function isMultiplied(type: ActivationType | ElementType, kvType: ElementType, headDim: number): boolean {
  return type !== 'f32' && (kvType === type || kvType === 'fp8') && headDim % 16 === 0 && headDim <= 256
}
