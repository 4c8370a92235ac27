import { FLOAT_DTYPES, FormatError, isFloatDtype, quote, type TensorSource } from '../../formats/index.ts'
import type { Device, Tensor, Weight, WeightStorage } from '../device/device.ts'
import type { ModelConfig } from './config.ts'
import type { RandomSource } from './random-weights.ts'
import {
  flatten,
  type MatrixPlan,
  type ModelParts,
  type Part,
  planWeights,
  type VectorPlan,
  WEIGHT_NAMES,
  type WeightPlan,
} from './weight-plan.ts'

/** A model's weights on a device. */
export type Weights = ModelParts<Weight, Tensor>

/** Floats read from the source at a time: 8 MiB. */
const CHUNK = 1 << 21

/**
 * The plan for what the source holds, every tensor of which is there and has its shape.
 *
 * @throws FormatError naming the tensor; nothing has been read or allocated by then.
 */
export function planFor(source: TensorSource, config: ModelConfig): WeightPlan {
  const names = WEIGHT_NAMES.find(({ body }) => source.tensors.has(`${body}embed_tokens.weight`)) ?? WEIGHT_NAMES[0]!
  const plan = planWeights(config, names)
  for (const { parts } of flatten(plan)) for (const part of parts) checkPart(source, part)

  const count = config.layers.length
  const extra = `${names.body}layers.${count}.`
  for (const name of source.tensors.keys()) {
    if (!name.startsWith(extra)) continue
    throw new FormatError(source.path, `holds ${quote(name)}, but config.json says that there are ${count} layers`)
  }
  return plan
}

/** Takes memory for every matrix and vector of the plan; tied ones share theirs. */
export function allocateWeights(plan: WeightPlan, device: Device, storage: WeightStorage): Placement {
  const placed: Placement = new Map()
  for (const part of flatten(plan)) {
    if ('inner' in part) placed.set(part, device.allocateWeight(part.rows, part.inner, storage))
    else placed.set(part, device.allocate([part.length], 'f32', 'weights'))
  }
  return placed
}

/** Where each part of a plan lies. */
export type Placement = Map<MatrixPlan | VectorPlan, Weight | Tensor>

/** Copies every tensor from the source to its place, in pieces; yields the bytes of the source behind it after each. */
export function* uploadWeights(
  source: TensorSource | RandomSource,
  placement: Placement,
  device: Device,
): Generator<number> {
  let bytes = 0
  const room = new Float32Array(CHUNK)
  for (const [part, place] of placement) {
    let at = 0
    for (const { name, shape } of part.parts) {
      const [rows = 0, inner = 1] = shape
      const elements = rows * inner
      const random = 'random' in source ? source.random(name) : undefined
      if (random !== undefined) {
        device.uploadRandom(place, at, elements, random.key, random.scale)
        at += elements
        bytes += source.tensors.get(name)!.bytes
        yield bytes
        continue
      }
      // Whole rows; the limits of config.ts keep any row below a piece.
      const piece = Math.floor(CHUNK / inner) * inner
      for (let first = 0; first < elements; first += piece) {
        const count = Math.min(piece, elements - first)
        const values = source.read(name, first, count, room)
        if ('storage' in place) device.uploadWeight(place, (at + first) / inner, values)
        else device.upload(place, values, at + first)
        bytes += (source.tensors.get(name)!.bytes / elements) * count
        yield bytes
      }
      at += elements
    }
  }
}

/** Bytes that {@link uploadWeights} will read. */
export function sourceBytes(source: TensorSource, plan: WeightPlan): number {
  const parts = [...flatten(plan)].flatMap(({ parts }) => parts)
  return parts.reduce((sum, { name }) => sum + source.tensors.get(name)!.bytes, 0)
}

/** The plan's parts as they lie on the device. */
export function placedWeights(plan: WeightPlan, placement: Placement): Weights {
  const matrix = (part: MatrixPlan): Weight => placement.get(part) as Weight
  const vector = (part: VectorPlan): Tensor => placement.get(part) as Tensor
  const optional = (part: VectorPlan | undefined): Tensor | undefined => part && vector(part)
  return {
    embedding: matrix(plan.embedding),
    head: matrix(plan.head),
    finalNorm: vector(plan.finalNorm),
    layers: plan.layers.map(layer => ({
      attentionNorm: vector(layer.attentionNorm),
      qkv: matrix(layer.qkv),
      qkvBias: optional(layer.qkvBias),
      qNorm: optional(layer.qNorm),
      kNorm: optional(layer.kNorm),
      attentionOutput: matrix(layer.attentionOutput),
      attentionOutputBias: optional(layer.attentionOutputBias),
      attentionBranchNorm: optional(layer.attentionBranchNorm),
      mlpNorm: vector(layer.mlpNorm),
      gateUp: matrix(layer.gateUp),
      gateUpBias: optional(layer.gateUpBias),
      down: matrix(layer.down),
      downBias: optional(layer.downBias),
      mlpBranchNorm: optional(layer.mlpBranchNorm),
    })),
  }
}

function checkPart(source: TensorSource, { name, shape }: Part): void {
  const tensor = source.tensors.get(name)
  if (tensor === undefined) throw new FormatError(source.path, `lacks the tensor ${quote(name)}`)
  if (tensor.shape.length !== shape.length || shape.some((size, i) => tensor.shape[i] !== size)) {
    const [has, wants] = [tensor.shape.slice(0, 4).join(', '), shape.join(', ')]
    throw new FormatError(source.path, `tensor ${quote(name)} has the shape [${has}]; config.json asks for [${wants}]`)
  }
  if (!isFloatDtype(tensor.dtype)) {
    throw new FormatError(
      source.path,
      `tensor ${quote(name)} holds ${tensor.dtype}; weights are read from ${FLOAT_DTYPES.join(', ')}`,
    )
  }
}
