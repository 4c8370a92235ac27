import type { Device, KvLayer, NormOptions, QkNorm, RopeTables, StepProgram, Tensor } from '../device/device.ts'
import type { LayerConfig, ModelConfig } from './config.ts'
import type { LayerParts } from './weight-plan.ts'
import type { Weights } from './weights.ts'

/** Where a step's intermediate results lie; each is as large as the largest step. Residual and logits are f32. */
export interface Activations {
  /** `[tokens, hidden]`: the sum of the embedding and every branch so far. */
  readonly residual: Tensor
  /** `[tokens, hidden]`: a branch's input. */
  readonly hidden: Tensor
  /** `[tokens, hidden]`: a branch's output. */
  readonly branch: Tensor
  /** `[tokens, (heads + 2·kvHeads)·headDim]` */
  readonly qkv: Tensor
  /** `[tokens, heads·headDim]` */
  readonly attended: Tensor
  /** `[tokens, 2·intermediate]` */
  readonly gateUp: Tensor
  /** `[tokens, intermediate]` */
  readonly activated: Tensor
  /** `[logitRows, hidden]` */
  readonly gathered: Tensor
  /** `[logitRows, vocab]` */
  readonly logits: Tensor
}

export function allocateActivations(
  device: Device,
  config: ModelConfig,
  tokens: number,
  logitRows: number,
): Activations {
  const { heads, kvHeads, headDim } = config.heads
  const allocate = (...shape: [rows: number, columns: number]) =>
    device.allocate(shape, device.activationType, 'activations')
  const floats = (...shape: [rows: number, columns: number]) => device.allocate(shape, 'f32', 'activations')
  return {
    residual: floats(tokens, config.hiddenSize),
    hidden: allocate(tokens, config.hiddenSize),
    branch: allocate(tokens, config.hiddenSize),
    qkv: allocate(tokens, (heads + 2 * kvHeads) * headDim),
    attended: allocate(tokens, heads * headDim),
    gateUp: allocate(tokens, 2 * config.intermediateSize),
    activated: allocate(tokens, config.intermediateSize),
    gathered: allocate(logitRows, config.hiddenSize),
    logits: floats(logitRows, config.vocabSize),
  }
}

/**
 * The decoder of every architecture: what differs between them stands in its {@link ModelConfig}.
 *
 *     residual = embedding
 *     each layer: residual += norm?(attention(norm(residual)))
 *                 residual += norm?(mlp(norm(residual)))
 *     logits = head(norm(residual))
 */
export class Decoder {
  constructor(
    private readonly device: Device,
    private readonly config: ModelConfig,
    private readonly weights: Weights,
    /** One for each of `config.ropes`. */
    private readonly ropes: readonly RopeTables[],
    /** One for each layer. */
    private readonly kv: readonly KvLayer[],
    private readonly activations: Activations,
  ) {}

  /** The operations of a step of `tokens` tokens, from the embedding to the logits `[rows, vocab]`. */
  readonly program: StepProgram = (tokens, rows) => {
    const { device, config, weights } = this
    const { residual, hidden, branch, gathered, logits } = this.activations
    device.embed(residual, weights.embedding, config.embeddingScale)
    device.norm(hidden, residual, weights.layers[0]!.attentionNorm, tokens, config.norm)
    for (const [i, layer] of weights.layers.entries()) {
      this.#attention(tokens, layer, config.layers[i]!, this.kv[i]!)
      device.addNorm(hidden, residual, branch, layer.mlpNorm, tokens, config.norm)
      this.#mlp(tokens, layer)
      const next = weights.layers[i + 1]?.attentionNorm ?? weights.finalNorm
      device.addNorm(hidden, residual, branch, next, tokens, config.norm)
    }
    if (rows > 0) {
      device.gather(gathered, hidden)
      device.linear(logits, gathered, weights.head, rows)
    }
    return logits
  }

  /** `hidden` → `branch` */
  #attention(
    tokens: number,
    layer: LayerParts<Weights['head'], Tensor>,
    { rope, window }: LayerConfig,
    kv: KvLayer,
  ): void {
    const { device, config } = this
    const { hidden, branch, qkv, attended } = this.activations
    device.linear(qkv, hidden, layer.qkv, tokens, layer.qkvBias)
    device.ropeAndCache(qkv, kv, config.heads, this.ropes[rope]!, qkNorm(layer, config.norm))
    device.attention(attended, qkv, kv, config.heads, { scale: config.attentionScale, window })
    device.linear(branch, attended, layer.attentionOutput, tokens, layer.attentionOutputBias)
    if (layer.attentionBranchNorm) device.norm(branch, branch, layer.attentionBranchNorm, tokens, config.norm)
  }

  /** `hidden` → `branch` */
  #mlp(tokens: number, layer: LayerParts<Weights['head'], Tensor>): void {
    const { device, config } = this
    const { hidden, branch, gateUp, activated } = this.activations
    device.linear(gateUp, hidden, layer.gateUp, tokens, layer.gateUpBias)
    device.gatedActivation(activated, gateUp, tokens, config.activation)
    device.linear(branch, activated, layer.down, tokens, layer.downBias)
    if (layer.mlpBranchNorm) device.norm(branch, branch, layer.mlpBranchNorm, tokens, config.norm)
  }
}

function qkNorm(
  { qNorm, kNorm }: { qNorm: Tensor | undefined; kNorm: Tensor | undefined },
  norm: NormOptions,
): QkNorm | undefined {
  return qNorm && kNorm ? { ...norm, q: qNorm, k: kNorm } : undefined
}
