import type { Activation, HeadShape, NormOptions } from '../device/device.ts'

/** All that tells one decoder from another; the decoder itself knows no families. */
export interface ModelConfig {
  /** Hugging Face's `model_type`, for people: nothing depends on it. */
  readonly architecture: string
  readonly vocabSize: number
  readonly hiddenSize: number
  readonly intermediateSize: number
  readonly heads: HeadShape
  /** Positions that the model was made for. */
  readonly contextLength: number
  readonly layers: readonly LayerConfig[]
  /** What the layers' `rope` points into. */
  readonly ropes: readonly RopeConfig[]
  readonly activation: Activation
  readonly norm: NormOptions
  /** Each head's query and key is normalised before its rotation. */
  readonly qkNorm: boolean
  /** What attention and MLP give is normalised before it joins the residual. */
  readonly branchNorms: boolean
  readonly bias: BiasConfig
  /** Of query · key, before the softmax. */
  readonly attentionScale: number
  readonly embeddingScale: number
  /** The output head is the embedding table. */
  readonly tiedEmbeddings: boolean
  /** End of text, by `config.json`; `generation_config.json` may name others. */
  readonly eosTokenIds: readonly number[]
}

export interface LayerConfig {
  /** Index into `ropes`. */
  readonly rope: number
  /** Positions that a query sees, itself included; undefined: all before it. */
  readonly window: number | undefined
}

/** Which linear layers have a bias. */
export interface BiasConfig {
  readonly qkv: boolean
  readonly attentionOutput: boolean
  readonly mlp: boolean
}

/** What `config.json` calls a layer that sees everything, or a window of it. */
export type LayerType = 'full_attention' | 'sliding_attention'

/** How a layer rotates by position; `rope.ts` has the formulas. */
export type RopeConfig = DefaultRope | LinearRope | Llama3Rope | YarnRope

interface Rope {
  /** The base of the geometric series of frequencies. */
  readonly theta: number
}

export interface DefaultRope extends Rope {
  readonly type: 'default'
}

export interface LinearRope extends Rope {
  readonly type: 'linear'
  readonly factor: number
}

export interface Llama3Rope extends Rope {
  readonly type: 'llama3'
  readonly factor: number
  readonly lowFrequencyFactor: number
  readonly highFrequencyFactor: number
  /** Positions before the context was extended. */
  readonly originalContext: number
}

export interface YarnRope extends Rope {
  readonly type: 'yarn'
  readonly factor: number
  /** Rotations over the original context above which a frequency stays, and below which it is divided by `factor`. */
  readonly betaFast: number
  readonly betaSlow: number
  readonly originalContext: number
  /** Multiplies cosine and sine. */
  readonly attentionFactor: number
  /** Round the bounds of the ramp outwards to whole dimensions. */
  readonly truncate: boolean
}
