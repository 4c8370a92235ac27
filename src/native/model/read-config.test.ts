import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError, parseJson } from '../../formats/index.ts'
import type { ModelConfig } from './config.ts'
import { parseModelConfig } from './read-config.ts'

/** A small Llama; undefined takes a field away. */
function config(changes: Readonly<Record<string, unknown>> = {}): ModelConfig {
  const fields = {
    model_type: 'llama',
    vocab_size: 100,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-5,
    ...changes,
  }
  return parseModelConfig(parseJson(JSON.stringify(fields), 'config.json'), 'config.json')
}

const windows = ({ layers }: ModelConfig) => layers.map(({ window }) => window)
const ropes = ({ layers, ropes }: ModelConfig) => layers.map(({ rope }) => ropes[rope])
const plain = (theta: number) => ({ type: 'default', theta })

test('reads a Llama', () => {
  expect(config({ eos_token_id: [2, 3] })).toEqual({
    architecture: 'llama',
    vocabSize: 100,
    hiddenSize: 64,
    intermediateSize: 128,
    heads: { heads: 4, kvHeads: 2, headDim: 16 },
    contextLength: 512,
    layers: Array(4).fill({ rope: 0, window: undefined }),
    ropes: [plain(10_000)],
    activation: 'silu',
    norm: { epsilon: 1e-5, offset: 0 },
    qkNorm: false,
    branchNorms: false,
    bias: { qkv: false, attentionOutput: false, mlp: false },
    attentionScale: 0.25,
    embeddingScale: 1,
    tiedEmbeddings: false,
    eosTokenIds: [2, 3],
  })
})

describe('what families add', () => {
  test.each<[name: string, changes: Record<string, unknown>, expected: unknown]>([
    ['every head its own key', { num_key_value_heads: null }, { heads: { heads: 4, kvHeads: 4, headDim: 16 } }],
    ['head_dim beside hidden / heads', { head_dim: 32 }, { heads: { headDim: 32 }, attentionScale: 32 ** -0.5 }],
    ['one end token', { eos_token_id: 7 }, { eosTokenIds: [7] }],
    ['no end token', { eos_token_id: null }, { eosTokenIds: [] }],
    [
      'Llama with biases',
      { attention_bias: true, mlp_bias: true },
      { bias: { qkv: true, attentionOutput: true, mlp: true } },
    ],
    ['Qwen2', { model_type: 'qwen2' }, { bias: { qkv: true, attentionOutput: false, mlp: false }, qkNorm: false }],
    ['Qwen3', { model_type: 'qwen3' }, { bias: { qkv: false }, qkNorm: true, heads: { headDim: 128 } }],
    [
      'Gemma 3',
      { model_type: 'gemma3_text', query_pre_attn_scalar: 64, hidden_size: 1152 },
      {
        activation: 'gelu-tanh',
        norm: { offset: 1 },
        qkNorm: true,
        branchNorms: true,
        heads: { headDim: 256 },
        attentionScale: 0.125,
        embeddingScale: Math.fround(Math.sqrt(1152)),
        tiedEmbeddings: true,
        eosTokenIds: [1],
      },
    ],
  ])('%s', (_, changes, expected) => {
    expect(config(changes)).toMatchObject(expected as object)
  })

  test('Gemma 3 within a model of text and images', () => {
    const text = { model_type: 'gemma3_text', hidden_size: 2560, intermediate_size: 10_240, num_hidden_layers: 6 }
    const json = { model_type: 'gemma3', text_config: text, vision_config: {}, eos_token_id: [1, 106] }
    const read = parseModelConfig(parseJson(JSON.stringify(json), 'c'), 'c')
    expect(read).toMatchObject({
      architecture: 'gemma3_text',
      vocabSize: 262_208,
      heads: { heads: 8, kvHeads: 4, headDim: 256 },
      contextLength: 131_072,
      eosTokenIds: [1, 106],
    })
    expect(windows(read)).toEqual([4096, 4096, 4096, 4096, 4096, undefined])
  })
})

describe('windows', () => {
  const all = [undefined, undefined, undefined, undefined]
  const sliding = { sliding_window: 20 }
  const types = { layer_types: ['sliding_attention', 'full_attention', 'full_attention', 'sliding_attention'] }
  test.each<[name: string, changes: Record<string, unknown>, expected: unknown]>([
    ['Llama has none', { ...sliding }, all],
    ['Mistral: every layer', { model_type: 'mistral', ...sliding }, [20, 20, 20, 20]],
    ['Mistral: null is none', { model_type: 'mistral', sliding_window: null }, all],
    ['Mistral: left out', { model_type: 'mistral' }, [4096, 4096, 4096, 4096]],
    ['Qwen2: off by default', { model_type: 'qwen2', ...sliding, max_window_layers: 0, ...types }, all],
    [
      'Qwen2: the upper layers',
      { model_type: 'qwen2', ...sliding, max_window_layers: 3, use_sliding_window: true },
      [undefined, undefined, undefined, 20],
    ],
    [
      'Qwen3: by name',
      { model_type: 'qwen3', ...sliding, use_sliding_window: true, ...types },
      [20, undefined, undefined, 20],
    ],
    ['Qwen3: on, but null', { model_type: 'qwen3', sliding_window: null, use_sliding_window: true }, all],
    [
      'Gemma 3: by pattern',
      { model_type: 'gemma3_text', ...sliding, sliding_window_pattern: 2 },
      [20, undefined, 20, undefined],
    ],
    ['Gemma 3: by name', { model_type: 'gemma3_text', ...sliding, ...types }, [20, undefined, undefined, 20]],
  ])('%s', (_, changes, expected) => {
    expect(windows(config(changes))).toEqual(expected)
  })
})

describe('rotations', () => {
  const linear = { type: 'linear', theta: 500, factor: 8 }
  const yarn = {
    type: 'yarn',
    theta: 10_000,
    factor: 4,
    betaFast: 32,
    betaSlow: 1,
    originalContext: 128,
    truncate: true,
  }
  const paper = 0.1 * Math.log(4) + 1
  const given = { type: 'yarn', factor: 4, original_max_position_embeddings: 128 }
  const llama3 = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 }
  const gemma = { model_type: 'gemma3_text', sliding_window_pattern: 2 }
  const perType = {
    full_attention: { rope_type: 'linear', factor: 8, rope_theta: 500 },
    sliding_attention: { rope_type: 'default', rope_theta: 300 },
  }
  const alternating = [plain(300), linear, plain(300), linear]
  test.each<[name: string, changes: Record<string, unknown>, expected: unknown]>([
    ['rope_theta', { rope_theta: 500 }, plain(500)],
    ['rope_parameters', { rope_parameters: { rope_theta: 500, rope_type: 'default' } }, plain(500)],
    [
      'rope_parameters and rope_theta',
      { rope_theta: 500, rope_parameters: { rope_type: 'linear', factor: 8 } },
      linear,
    ],
    ['rope_scaling', { rope_theta: 500, rope_scaling: { rope_type: 'linear', factor: 8 } }, linear],
    ['rope_scaling, oldest', { rope_theta: 500, rope_scaling: { type: 'linear', factor: 8 } }, linear],
    ['rope_scaling null', { rope_scaling: null }, plain(10_000)],
    ['yarn', { rope_scaling: given }, { ...yarn, attentionFactor: paper }],
    [
      'yarn: factor from the contexts',
      { rope_scaling: { ...given, factor: null } },
      { ...yarn, attentionFactor: paper },
    ],
    [
      'yarn: attention_factor',
      { rope_scaling: { ...given, attention_factor: 1.5 } },
      { ...yarn, attentionFactor: 1.5 },
    ],
    [
      'yarn: mscale',
      { rope_scaling: { ...given, mscale: 2, mscale_all_dim: 1, beta_fast: 16, beta_slow: 2, truncate: false } },
      { ...yarn, attentionFactor: (0.2 * Math.log(4) + 1) / paper, betaFast: 16, betaSlow: 2, truncate: false },
    ],
    [
      'llama3',
      { rope_parameters: { ...llama3, original_max_position_embeddings: 64 } },
      { type: 'llama3', theta: 10_000, factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 64 },
    ],
    ['llama3: original context left out', { rope_parameters: llama3 }, { type: 'llama3', originalContext: 512 }],
  ])('%s', (_, changes, expected) => {
    expect(config(changes).ropes).toMatchObject([expected])
  })

  test.each<[name: string, changes: Record<string, unknown>, expected: unknown]>([
    ['by default', gemma, [plain(10_000), plain(1e6), plain(10_000), plain(1e6)]],
    ['by layer type', { ...gemma, rope_parameters: perType }, alternating],
    [
      'older',
      { ...gemma, rope_theta: 500, rope_local_base_freq: 300, rope_scaling: { rope_type: 'linear', factor: 8 } },
      alternating,
    ],
  ])('Gemma 3: %s', (_, changes, expected) => {
    expect(ropes(config(changes))).toEqual(expected)
  })
})

const known = 'llama, mistral, qwen2, qwen3, gemma3_text, gemma3'

test.each<[changes: Record<string, unknown>, reason: string]>([
  [{ model_type: undefined }, '"model_type" is missing'],
  [{ model_type: 'gpt2' }, `"model_type" is "gpt2"; this build computes ${known}`],
  [{ model_type: 'constructor' }, `"model_type" is "constructor"; this build computes ${known}`],
  [{ model_type: 7 }, '"model_type" is 7, not a string'],
  [{ model_type: 'gemma3' }, '"text_config" is missing'],
  [{ model_type: 'gemma3', text_config: [] }, '"text_config" is not an object'],
  [{ model_type: 'gemma3', text_config: {} }, '"text_config.hidden_size" is missing'],
  [{ vocab_size: undefined }, '"vocab_size" is missing'],
  [{ vocab_size: '100' }, '"vocab_size" is the string "100", not a number'],
  [{ vocab_size: -1 }, '"vocab_size" is -1, outside 1 … 4194304'],
  [{ vocab_size: 1e15 }, '"vocab_size" is 1000000000000000, outside 1 … 4194304'],
  [{ hidden_size: 64.5 }, '"hidden_size" is 64.5, not a whole number'],
  [{ hidden_size: 66 }, '"hidden_size" is 66, not a multiple of the 4 heads, and there is no "head_dim"'],
  [{ hidden_size: 1 << 21 }, '"hidden_size" is 2097152, outside 1 … 1048576'],
  [{ intermediate_size: 0 }, '"intermediate_size" is 0, outside 1 … 1048576'],
  [{ num_hidden_layers: 0 }, '"num_hidden_layers" is 0, outside 1 … 1024'],
  [{ num_hidden_layers: 1e9 }, '"num_hidden_layers" is 1000000000, outside 1 … 1024'],
  [{ num_attention_heads: [] }, '"num_attention_heads" is a list, not a number'],
  [{ num_key_value_heads: 3 }, '"num_attention_heads" is 4, not a multiple of the 3 key-value heads'],
  [{ num_key_value_heads: 0 }, '"num_key_value_heads" is 0, outside 1 … 1024'],
  [{ head_dim: 15 }, '"head_dim" is 15; rotary positions need an even one'],
  [{ max_position_embeddings: 0 }, '"max_position_embeddings" is 0, outside 1 … 16777216'],
  [{ rms_norm_eps: 0 }, '"rms_norm_eps" is 0, outside 1e-12 … 0.1'],
  [{ rms_norm_eps: '1e-5' }, '"rms_norm_eps" is the string "1e-5", not a number'],
  [{ hidden_act: 'relu' }, '"hidden_act" is "relu"; this build computes silu, swish, gelu_pytorch_tanh, gelu_new'],
  [{ tie_word_embeddings: 'no' }, '"tie_word_embeddings" is the string "no", not true or false'],
  [{ eos_token_id: 100 }, '"eos_token_id" is 100, outside 0 … 99'],
  [{ eos_token_id: [2, 1e6] }, '"eos_token_id[1]" is 1000000, outside 0 … 99'],
  [
    { quantization_config: { quant_method: 'gptq' } },
    '"quantization_config" says "gptq": quantised checkpoints are not read, take the original one',
  ],
  [
    { quantization_config: {} },
    '"quantization_config" is set: quantised checkpoints are not read, take the original one',
  ],
  [{ rope_theta: 0 }, '"rope_theta" is 0, outside 2 … 1000000000000'],
  [{ rope_scaling: 'linear' }, '"rope_scaling" is not an object'],
  [
    { rope_scaling: { type: 'dynamic', factor: 2 } },
    '"rope_scaling.rope_type" is "dynamic"; this build computes default, linear, llama3 and yarn',
  ],
  [{ rope_scaling: { type: 'linear' } }, '"rope_scaling.factor" is missing'],
  [{ rope_scaling: { type: 'linear', factor: 0 } }, '"rope_scaling.factor" is 0, outside 1 … 1000000'],
  [
    { rope_parameters: { rope_type: 'longrope' } },
    '"rope_parameters.rope_type" is "longrope"; this build computes default, linear, llama3 and yarn',
  ],
  [
    { rope_parameters: { partial_rotary_factor: 0.5 } },
    '"rope_parameters.partial_rotary_factor" is not 1; this build rotates whole heads',
  ],
  [
    { rope_parameters: { rope_type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 4 } },
    '"rope_parameters.high_freq_factor" is 4, not above "low_freq_factor"',
  ],
  [{ model_type: 'mistral', sliding_window: 0 }, '"sliding_window" is 0, outside 1 … 16777216'],
  [{ model_type: 'gemma3_text', layer_types: ['full_attention'] }, '"layer_types" names 1 layers of 4'],
  [
    { model_type: 'gemma3_text', layer_types: 'full_attention' },
    '"layer_types" is the string "full_attention", not a list',
  ],
  [
    { model_type: 'gemma3_text', num_hidden_layers: 1, layer_types: ['linear_attention'] },
    '"layer_types" names "linear_attention"; this build computes full_attention, sliding_attention',
  ],
  [
    { model_type: 'gemma3_text', final_logit_softcapping: 30 },
    '"final_logit_softcapping" is set, which this build does not compute',
  ],
  [
    { model_type: 'gemma3_text', use_bidirectional_attention: true },
    '"use_bidirectional_attention" is set, which this build does not compute',
  ],
])('refuses %j', (changes, reason) => {
  expect(() => config(changes)).toThrow(new FormatError('config.json', reason))
})

test('any value in any field is read or refused with FormatError', () => {
  const fields = [
    ...['model_type', 'vocab_size', 'hidden_size', 'num_attention_heads', 'num_key_value_heads', 'num_hidden_layers'],
    ...['head_dim', 'rope_scaling', 'rope_parameters', 'rope_theta', 'layer_types', 'sliding_window', 'eos_token_id'],
    ...[
      'sliding_window_pattern',
      'use_sliding_window',
      'rms_norm_eps',
      'hidden_act',
      'quantization_config',
      '__proto__',
    ],
  ]
  const family = fc.constantFrom('llama', 'mistral', 'qwen2', 'qwen3', 'gemma3_text')
  fc.assert(
    fc.property(
      family,
      fc.dictionary(fc.constantFrom(...fields), fc.jsonValue(), { maxKeys: 3 }),
      (model_type, changes) => {
        try {
          config({ model_type, ...changes })
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
          expect((error as Error).message).not.toMatch(/[\n\r]/)
        }
      },
    ),
    { numRuns: 1000 },
  )
})
