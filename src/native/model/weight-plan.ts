import type { ModelConfig } from './config.ts'

/** Everything a decoder is made of, whatever stands for a matrix and a vector: a plan, or what lies on a device. */
export interface ModelParts<Matrix, Vector> {
  /** `[vocab, hidden]` */
  readonly embedding: Matrix
  /** `[vocab, hidden]`; the same object as `embedding` where they are tied. */
  readonly head: Matrix
  readonly finalNorm: Vector
  readonly layers: readonly LayerParts<Matrix, Vector>[]
}

export interface LayerParts<Matrix, Vector> {
  readonly attentionNorm: Vector
  /** `[q heads | k heads | v heads, hidden]` */
  readonly qkv: Matrix
  readonly qkvBias: Vector | undefined
  /** `[headDim]` */
  readonly qNorm: Vector | undefined
  readonly kNorm: Vector | undefined
  /** `[hidden, q heads]` */
  readonly attentionOutput: Matrix
  readonly attentionOutputBias: Vector | undefined
  readonly attentionBranchNorm: Vector | undefined
  readonly mlpNorm: Vector
  /** `[gate | up, hidden]` */
  readonly gateUp: Matrix
  readonly gateUpBias: Vector | undefined
  /** `[hidden, intermediate]` */
  readonly down: Matrix
  readonly downBias: Vector | undefined
  readonly mlpBranchNorm: Vector | undefined
}

/** A tensor of the checkpoint. */
export interface Part {
  readonly name: string
  readonly shape: readonly number[]
}

/** Checkpoint matrices that lie under each other in one of the device's. */
export interface MatrixPlan {
  readonly parts: readonly Part[]
  readonly rows: number
  readonly inner: number
}

/** Checkpoint vectors that lie behind each other in one of the device's. */
export interface VectorPlan {
  readonly parts: readonly Part[]
  readonly length: number
}

export type WeightPlan = ModelParts<MatrixPlan, VectorPlan>

export interface WeightNames {
  /** Before `embed_tokens.weight`, `layers.0.…` and `norm.weight`. */
  readonly body: string
  readonly head: string
}

/** As text models name their tensors, and the ways in which a text half lies within a model of text and images. */
export const WEIGHT_NAMES: readonly WeightNames[] = [
  { body: 'model.', head: 'lm_head.weight' },
  { body: 'language_model.model.', head: 'language_model.lm_head.weight' },
  { body: 'model.language_model.', head: 'lm_head.weight' },
]

/** Which tensors a model of this configuration has and how they join. */
export function planWeights(config: ModelConfig, names: WeightNames = WEIGHT_NAMES[0]!): WeightPlan {
  const { vocabSize, hiddenSize } = config
  const embedding = matrix([[`${names.body}embed_tokens.weight`, vocabSize]], hiddenSize)
  return {
    embedding,
    head: config.tiedEmbeddings ? embedding : matrix([[names.head, vocabSize]], hiddenSize),
    finalNorm: vector([[`${names.body}norm.weight`, hiddenSize]]),
    layers: config.layers.map((_, i) => planLayer(config, `${names.body}layers.${i}.`)),
  }
}

/** Every distinct matrix and vector. */
export function flatten<Matrix, Vector>(parts: ModelParts<Matrix, Vector>): ReadonlySet<Matrix | Vector> {
  const { embedding, head, finalNorm, layers } = parts
  const inLayers = layers.flatMap(layer => Object.values(layer) as (Matrix | Vector | undefined)[])
  return new Set([embedding, ...inLayers.filter(part => part !== undefined), finalNorm, head])
}

/** Number of weights, tied ones counted once. */
export function countParameters(plan: WeightPlan): number {
  const parts = [...flatten(plan)].flatMap(({ parts }) => parts)
  return parts.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
}

function planLayer(config: ModelConfig, prefix: string): LayerParts<MatrixPlan, VectorPlan> {
  const { hiddenSize, intermediateSize, qkNorm, branchNorms, bias } = config
  const { heads, kvHeads, headDim } = config.heads
  const qkv: Rows = [
    [`${prefix}self_attn.q_proj.`, heads * headDim],
    [`${prefix}self_attn.k_proj.`, kvHeads * headDim],
    [`${prefix}self_attn.v_proj.`, kvHeads * headDim],
  ]
  const gateUp: Rows = [
    [`${prefix}mlp.gate_proj.`, intermediateSize],
    [`${prefix}mlp.up_proj.`, intermediateSize],
  ]
  const output: Rows = [[`${prefix}self_attn.o_proj.`, hiddenSize]]
  const down: Rows = [[`${prefix}mlp.down_proj.`, hiddenSize]]
  const norm = (name: string, length = hiddenSize): VectorPlan => vector([[`${prefix}${name}.weight`, length]])
  return {
    attentionNorm: norm('input_layernorm'),
    qkv: matrix(each(qkv, 'weight'), hiddenSize),
    qkvBias: bias.qkv ? vector(each(qkv, 'bias')) : undefined,
    qNorm: qkNorm ? norm('self_attn.q_norm', headDim) : undefined,
    kNorm: qkNorm ? norm('self_attn.k_norm', headDim) : undefined,
    attentionOutput: matrix(each(output, 'weight'), heads * headDim),
    attentionOutputBias: bias.attentionOutput ? vector(each(output, 'bias')) : undefined,
    // The name means what it says only where branches have norms; elsewhere it is the norm before the MLP.
    attentionBranchNorm: branchNorms ? norm('post_attention_layernorm') : undefined,
    mlpNorm: norm(branchNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm'),
    gateUp: matrix(each(gateUp, 'weight'), hiddenSize),
    gateUpBias: bias.mlp ? vector(each(gateUp, 'bias')) : undefined,
    down: matrix(each(down, 'weight'), intermediateSize),
    downBias: bias.mlp ? vector(each(down, 'bias')) : undefined,
    mlpBranchNorm: branchNorms ? norm('post_feedforward_layernorm') : undefined,
  }
}

type Rows = readonly (readonly [name: string, rows: number])[]

function each(rows: Rows, suffix: 'weight' | 'bias'): Rows {
  return rows.map(([name, count]) => [name + suffix, count])
}

function matrix(rows: Rows, inner: number): MatrixPlan {
  return { parts: rows.map(([name, count]) => ({ name, shape: [count, inner] })), rows: total(rows), inner }
}

function vector(rows: Rows): VectorPlan {
  return { parts: rows.map(([name, count]) => ({ name, shape: [count] })), length: total(rows) }
}

function total(rows: Rows): number {
  return rows.reduce((sum, [, count]) => sum + count, 0)
}
