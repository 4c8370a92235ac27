import { addPart } from './add'
import { activationPart } from './activation'
import { attentionPart } from './attention'
import { embedPart } from './embed'
import { linearPart } from './linear'
import { linearInt8Part } from './linear-int8'
import { normPart } from './norm'
import { quantisePart } from './quantise'
import { ropePart } from './rope'
import { storeWeightPart } from './store-weight'

export const enum Operation {
  Activation,
  Add,
  AttentionF32,
  AttentionBf16,
  Embed,
  LinearF32,
  LinearBf16,
  LinearInt8,
  Norm,
  Quantise,
  Rope,
  StoreWeight,
}

/** Does items `[from, to)` of the current job. */
export function part(operation: i32, from: i32, to: i32): void {
  switch (operation) {
    case Operation.Activation: return activationPart(from, to)
    case Operation.Add: return addPart(from, to)
    case Operation.AttentionF32: return attentionPart<f32>(from, to)
    case Operation.AttentionBf16: return attentionPart<u16>(from, to)
    case Operation.Embed: return embedPart(from, to)
    case Operation.LinearF32: return linearPart<f32>(from, to)
    case Operation.LinearBf16: return linearPart<u16>(from, to)
    case Operation.LinearInt8: return linearInt8Part(from, to)
    case Operation.Norm: return normPart(from, to)
    case Operation.Quantise: return quantisePart(from, to)
    case Operation.Rope: return ropePart(from, to)
    case Operation.StoreWeight: return storeWeightPart(from, to)
    default: unreachable()
  }
}
