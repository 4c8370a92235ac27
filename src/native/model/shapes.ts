import type { Json } from '../../formats/index.ts'
import type { ModelConfig } from './config.ts'
import { parseModelConfig } from './read-config.ts'

const LLAMA_2 = {
  model_type: 'llama',
  vocab_size: 32_000,
  max_position_embeddings: 4096,
  rms_norm_eps: 1e-5,
  eos_token_id: 2,
}

/** Published `config.json`s, less what does not tell the shape. */
const SHAPES = {
  'llama-2-7b': {
    ...LLAMA_2,
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
  },
  'llama-2-13b': {
    ...LLAMA_2,
    hidden_size: 5120,
    intermediate_size: 13_824,
    num_hidden_layers: 40,
    num_attention_heads: 40,
  },
  'llama-2-70b': {
    ...LLAMA_2,
    hidden_size: 8192,
    intermediate_size: 28_672,
    num_hidden_layers: 80,
    num_attention_heads: 64,
    num_key_value_heads: 8,
  },
  // v0.1, the one with a window.
  'mistral-7b': {
    model_type: 'mistral',
    vocab_size: 32_000,
    hidden_size: 4096,
    intermediate_size: 14_336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    max_position_embeddings: 32_768,
    sliding_window: 4096,
    rms_norm_eps: 1e-5,
    eos_token_id: 2,
  },
  'llama-3.1-8b': {
    model_type: 'llama',
    vocab_size: 128_256,
    hidden_size: 4096,
    intermediate_size: 14_336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    max_position_embeddings: 131_072,
    rms_norm_eps: 1e-5,
    rope_theta: 500_000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    },
    eos_token_id: 128_001,
  },
  'qwen3-0.6b': {
    model_type: 'qwen3',
    vocab_size: 151_936,
    hidden_size: 1024,
    intermediate_size: 3072,
    num_hidden_layers: 28,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 128,
    max_position_embeddings: 40_960,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    tie_word_embeddings: true,
    eos_token_id: 151_645,
  },
  'gemma-3-1b': {
    model_type: 'gemma3_text',
    vocab_size: 262_144,
    hidden_size: 1152,
    intermediate_size: 6912,
    num_hidden_layers: 26,
    num_attention_heads: 4,
    num_key_value_heads: 1,
    head_dim: 256,
    max_position_embeddings: 32_768,
    query_pre_attn_scalar: 256,
    sliding_window: 512,
    sliding_window_pattern: 6,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    rope_local_base_freq: 10_000,
    eos_token_id: 1,
  },
} satisfies Readonly<Record<string, Json>>

export type ShapeName = keyof typeof SHAPES

/** Models whose shape is known without their files. */
export const shapeNames = Object.keys(SHAPES) as readonly ShapeName[]

export function isShapeName(name: string): name is ShapeName {
  return Object.hasOwn(SHAPES, name)
}

/** The shape of a real model, for plans, and for measurements with random weights. */
export function modelShape(name: ShapeName): ModelConfig {
  return parseModelConfig(SHAPES[name], name)
}
