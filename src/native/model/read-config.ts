import { join } from 'node:path'
import { type Json, JsonFields, type JsonObject, quote, readJson } from '../../formats/index.ts'
import type { Activation, HeadShape } from '../device/device.ts'
import { ARCHITECTURES, type Architecture, TEXT_MODELS } from './architectures.ts'
import type { ModelConfig } from './config.ts'
import { readRopes } from './read-ropes.ts'

/** Far above any model there is, and low enough that no product of two leaves 2⁵³. */
const LIMITS = {
  vocab: { min: 1, max: 1 << 22 },
  width: { min: 1, max: 1 << 20 },
  layers: { min: 1, max: 1024 },
  heads: { min: 1, max: 1024 },
  headDim: { min: 2, max: 1024 },
  positions: { min: 1, max: 1 << 24 },
  epsilon: { min: 1e-12, max: 0.1 },
  scalar: { min: 1e-3, max: 1e6 },
}

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  silu: 'silu',
  swish: 'silu',
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_new: 'gelu-tanh',
}

/** @throws FormatError when `config.json` is missing, damaged or describes what this build does not compute. */
export function readModelConfig(directory: string, file = 'config.json'): ModelConfig {
  const path = join(directory, file)
  return parseModelConfig(readJson(path), path)
}

/**
 * Reads Hugging Face's description of a model, as transformers 4 and 5 write it.
 *
 * @param path - what errors name
 */
export function parseModelConfig(json: Json, path: string): ModelConfig {
  const file = JsonFields.of(path, json)
  const [architecture, name, fields] = find(file)
  refuseQuantised(file)
  refuseQuantised(fields)
  for (const field of architecture.unsupported) {
    if (fields.get(field) ?? false) fields.fail(field, 'is set, which this build does not compute')
  }

  const vocabSize = fields.integer('vocab_size', LIMITS.vocab)
  const hiddenSize = fields.integer('hidden_size', LIMITS.width)
  const heads = readHeads(fields, hiddenSize)
  const contextLength = fields.integer('max_position_embeddings', LIMITS.positions)
  const layerTypes = architecture.layerTypes(fields, fields.integer('num_hidden_layers', LIMITS.layers))
  const window = layerTypes.includes('sliding_attention')
    ? fields.integer('sliding_window', LIMITS.positions)
    : undefined
  const { ropes, ropeOf } = readRopes(fields, architecture.localRope, contextLength)
  return {
    architecture: name,
    vocabSize,
    hiddenSize,
    intermediateSize: fields.integer('intermediate_size', LIMITS.width),
    heads,
    contextLength,
    layers: layerTypes.map(type => ({
      rope: ropeOf(type),
      window: type === 'sliding_attention' ? window : undefined,
    })),
    ropes,
    activation: readActivation(fields, architecture.activationField),
    norm: { epsilon: fields.number('rms_norm_eps', LIMITS.epsilon), offset: architecture.normOffset },
    qkNorm: architecture.qkNorm,
    branchNorms: architecture.branchNorms,
    bias: architecture.bias(fields),
    attentionScale: fields.number(architecture.attentionScalar, LIMITS.scalar, heads.headDim) ** -0.5,
    // transformers rounds it to the type that it computes in, which here is f32 whatever the checkpoint stores.
    embeddingScale: architecture.scaledEmbedding ? Math.fround(Math.sqrt(hiddenSize)) : 1,
    tiedEmbeddings: fields.boolean('tie_word_embeddings', false),
    eosTokenIds: fields.integers('eos_token_id', { min: 0, max: vocabSize - 1 }),
  }
}

/** The architecture, its name, and the fields that describe it with what they leave out filled in. */
function find(file: JsonFields): [Architecture, name: string, fields: JsonFields] {
  const outer = file.string('model_type')
  const inner = Object.hasOwn(TEXT_MODELS, outer) ? TEXT_MODELS[outer] : undefined
  const own = inner === undefined ? file : (file.child('text_config') ?? file.missing('text_config'))
  const name = inner === undefined ? outer : own.string('model_type', inner)
  const architecture = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined
  if (architecture === undefined) {
    const known = [...Object.keys(ARCHITECTURES), ...Object.keys(TEXT_MODELS)].join(', ')
    return own.fail('model_type', `is ${quote(name)}; this build computes ${known}`)
  }
  const shared: JsonObject = file === own ? {} : pick(file.object, ['tie_word_embeddings', 'eos_token_id'])
  const filled = Object.assign(Object.create(null), architecture.defaults, shared, own.object) as JsonObject
  return [architecture, name, new JsonFields(own.path, filled, own.prefix)]
}

function readHeads(fields: JsonFields, hiddenSize: number): HeadShape {
  const heads = fields.integer('num_attention_heads', LIMITS.heads)
  const kvHeads = fields.integer('num_key_value_heads', LIMITS.heads, heads)
  if (heads % kvHeads !== 0) {
    fields.fail('num_attention_heads', `is ${heads}, not a multiple of the ${kvHeads} key-value heads`)
  }
  if (!fields.has('head_dim') && hiddenSize % heads !== 0) {
    fields.fail('hidden_size', `is ${hiddenSize}, not a multiple of the ${heads} heads, and there is no "head_dim"`)
  }
  const headDim = fields.integer('head_dim', LIMITS.headDim, hiddenSize / heads)
  if (headDim % 2 !== 0) fields.fail('head_dim', `is ${headDim}; rotary positions need an even one`)
  return { heads, kvHeads, headDim }
}

function readActivation(fields: JsonFields, field: string): Activation {
  const name = fields.string(field)
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined
  const known = Object.keys(ACTIVATIONS).join(', ')
  return activation ?? fields.fail(field, `is ${quote(name)}; this build computes ${known}`)
}

function refuseQuantised(fields: JsonFields): void {
  const field = ['quantization_config', 'compression_config'].find(name => fields.has(name))
  if (field === undefined) return
  const method = fields.child(field)?.get('quant_method')
  const how = typeof method === 'string' ? `says ${quote(method)}` : 'is set'
  fields.fail(field, `${how}: quantised checkpoints are not read, take the original one`)
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.filter(name => (object[name] ?? null) !== null).map(name => [name, object[name]!]))
}
