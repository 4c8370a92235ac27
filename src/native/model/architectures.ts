import { type Json, type JsonFields, quote } from '../../formats/index.ts'
import type { BiasConfig, LayerType } from './config.ts'

/** What `model_type` says beyond the fields of `config.json`, after `transformers/models/NAME`. */
export interface Architecture {
  /** Of fields that a file may leave out. A field that it sets to null stays null. */
  readonly defaults: Readonly<Record<string, Json>>
  readonly activationField: 'hidden_act' | 'hidden_activation'
  readonly layerTypes: (fields: JsonFields, count: number) => readonly LayerType[]
  /** Sliding layers rotate by `rope_local_base_freq`, without scaling. */
  readonly localRope: boolean
  readonly bias: (fields: JsonFields) => BiasConfig
  /** The norms' weights are stored less 1. */
  readonly normOffset: 0 | 1
  readonly qkNorm: boolean
  readonly branchNorms: boolean
  /** Attention is scaled by 1/√ of this field. */
  readonly attentionScalar: 'head_dim' | 'query_pre_attn_scalar'
  /** Embeddings are multiplied by √hidden. */
  readonly scaledEmbedding: boolean
  /** Fields that must be null, false or left out. */
  readonly unsupported: readonly string[]
}

/** Nearly all decoders since Llama are Llama with one or two things changed. */
const LLAMA: Architecture = {
  defaults: { hidden_act: 'silu', rms_norm_eps: 1e-6, rope_theta: 10_000, tie_word_embeddings: false },
  activationField: 'hidden_act',
  layerTypes: (_, count) => Array<LayerType>(count).fill('full_attention'),
  localRope: false,
  bias: fields => {
    const attention = fields.boolean('attention_bias', false)
    return { qkv: attention, attentionOutput: attention, mlp: fields.boolean('mlp_bias', false) }
  },
  normOffset: 0,
  qkNorm: false,
  branchNorms: false,
  attentionScalar: 'head_dim',
  scaledEmbedding: false,
  unsupported: [],
}

const QWEN2: Architecture = {
  ...LLAMA,
  defaults: { ...LLAMA.defaults, sliding_window: 4096, max_window_layers: 28 },
  layerTypes: (fields, count) => {
    const types = namedLayerTypes(fields, count)
    // Their files name a window that is off more often than not.
    if (!fields.boolean('use_sliding_window', false) || !fields.has('sliding_window')) {
      return LLAMA.layerTypes(fields, count)
    }
    const full = fields.integer('max_window_layers', { min: 0, max: Number.MAX_SAFE_INTEGER })
    return types ?? Array.from({ length: count }, (_, i) => (i < full ? 'full_attention' : 'sliding_attention'))
  },
  bias: () => ({ qkv: true, attentionOutput: false, mlp: false }),
}

export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  llama: LLAMA,
  mistral: {
    ...LLAMA,
    defaults: { ...LLAMA.defaults, sliding_window: 4096 },
    layerTypes: (fields, count) =>
      Array<LayerType>(count).fill(fields.has('sliding_window') ? 'sliding_attention' : 'full_attention'),
  },
  qwen2: QWEN2,
  qwen3: {
    ...QWEN2,
    defaults: { ...QWEN2.defaults, head_dim: 128 },
    bias: LLAMA.bias,
    qkNorm: true,
  },
  gemma3_text: {
    ...LLAMA,
    defaults: {
      vocab_size: 262_208,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      head_dim: 256,
      hidden_activation: 'gelu_pytorch_tanh',
      max_position_embeddings: 131_072,
      query_pre_attn_scalar: 256,
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      rope_local_base_freq: 10_000,
      sliding_window: 4096,
      sliding_window_pattern: 6,
      tie_word_embeddings: true,
      eos_token_id: 1,
    },
    activationField: 'hidden_activation',
    layerTypes: (fields, count) => {
      const pattern = fields.integer('sliding_window_pattern', { min: 1, max: 1024 })
      const types = namedLayerTypes(fields, count)
      return (
        types ?? Array.from({ length: count }, (_, i) => ((i + 1) % pattern ? 'sliding_attention' : 'full_attention'))
      )
    },
    localRope: true,
    normOffset: 1,
    qkNorm: true,
    branchNorms: true,
    attentionScalar: 'query_pre_attn_scalar',
    scaledEmbedding: true,
    unsupported: ['attn_logit_softcapping', 'final_logit_softcapping', 'use_bidirectional_attention'],
  },
}

/** Models of text and images whose text half, under `text_config`, is one of the above. */
export const TEXT_MODELS: Readonly<Record<string, string>> = { gemma3: 'gemma3_text' }

function namedLayerTypes(fields: JsonFields, count: number): readonly LayerType[] | undefined {
  const types = fields.strings('layer_types')
  if (types !== undefined && types.length !== count) {
    fields.fail('layer_types', `names ${types.length} layers of ${count}`)
  }
  return types?.map(type =>
    type === 'full_attention' || type === 'sliding_attention'
      ? type
      : fields.fail('layer_types', `names ${quote(type)}; this build computes full_attention, sliding_attention`),
  )
}
