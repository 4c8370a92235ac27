import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ModelLoadError } from '../../engine/index.ts'
import { FormatError, parseJson } from '../../formats/index.ts'
import { floatTensors, TemporaryDirectory } from '../../formats/safetensors/testing.ts'
import { createReferenceDevice } from '../device/cpu/index.ts'
import type { ModelConfig } from './config.ts'
import { type LoadOptions, loadModel, randomModel } from './load-model.ts'
import { randomWeights } from './random-weights.ts'
import { parseModelConfig } from './read-config.ts'
import { Driver } from './testing/drive.ts'

const FIELDS = {
  model_type: 'qwen2',
  vocab_size: 20,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 64,
}
const OPTIONS: LoadOptions = { storage: 'f32', blocks: 2, maxTokens: 8, maxLogitRows: 8 }
const TOKENS = Int32Array.of(1, 2, 3, 5, 8, 13)

type Tensors = Record<string, { shape: readonly number[]; values: Float32Array }>

function configOf(fields: object): ModelConfig {
  return parseModelConfig(parseJson(JSON.stringify(fields), 'config.json'), 'config.json')
}

/** What a model of these fields holds. */
function tensorsOf(fields: object): Tensors {
  const source = randomWeights(configOf(fields), 1)
  return Object.fromEntries(
    [...source.tensors].map(([name, { shape }]) => [name, { shape, values: source.read(name) }]),
  )
}

function modelDirectory(fields: object = FIELDS, tensors: Tensors = tensorsOf(fields)): TemporaryDirectory {
  return new TemporaryDirectory({ 'config.json': JSON.stringify(fields), 'model.safetensors': floatTensors(tensors) })
}

async function logitsOf(directory: string, options = OPTIONS): Promise<Float32Array> {
  await using device = createReferenceDevice()
  return new Driver(await loadModel(directory, device, options), device).logits(TOKENS)
}

function randomLogits(fields: object, seed: number): Float32Array {
  const device = createReferenceDevice()
  return new Driver(randomModel(configOf(fields), device, OPTIONS, seed), device).logits(TOKENS)
}

function drop(tensors: Tensors, part: string): void {
  for (const name of Object.keys(tensors)) if (name.includes(part)) delete tensors[name]
}

describe('loadModel', () => {
  test('computes from files what it computes from the same weights without them', async () => {
    using directory = modelDirectory()
    const logits = await logitsOf(directory.path)
    expect(logits).toEqual(randomLogits(FIELDS, 1))
    expect(logits).not.toEqual(randomLogits(FIELDS, 2))
  })

  test.each(['language_model.model.', 'model.language_model.'])('finds a text half under %s', async prefix => {
    const head = prefix.startsWith('language_model') ? 'language_model.lm_head.weight' : 'lm_head.weight'
    const named = Object.entries(tensorsOf(FIELDS)).map(([name, tensor]) => {
      return [name === 'lm_head.weight' ? head : name.replace(/^model\./, prefix), tensor] as const
    })
    const vision = { 'vision_tower.layers.9.weight': { shape: [1], values: new Float32Array(1) } }
    using directory = modelDirectory(FIELDS, { ...Object.fromEntries(named), ...vision })
    expect(await logitsOf(directory.path)).toEqual(randomLogits(FIELDS, 1))
  })

  test('tied embeddings need no head and count once', async () => {
    const tied = { ...FIELDS, tie_word_embeddings: true }
    using directory = modelDirectory(tied)
    await using device = createReferenceDevice()
    const model = await loadModel(directory.path, device, OPTIONS)
    await using other = createReferenceDevice()
    const untied = randomModel(configOf(FIELDS), other, OPTIONS, 1)
    expect(untied.parameters - model.parameters).toBe(20 * 8)
    expect(Object.keys(tensorsOf(tied))).not.toContain('lm_head.weight')
  })

  test('tells of every byte, in order', async () => {
    using directory = modelDirectory()
    const told: number[] = []
    const total = new Set<number>()
    const onProgress = (loaded: number, of: number) => {
      told.push(loaded)
      total.add(of)
    }
    await logitsOf(directory.path, { ...OPTIONS, onProgress })
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect([...total]).toEqual([told.at(-1)])
  })

  test('describes the model', async () => {
    using directory = modelDirectory()
    directory.write('generation_config.json', '{"eos_token_id": 3, "top_k": 5}')
    await using device = createReferenceDevice()
    const model = await loadModel(directory.path, device, { ...OPTIONS, storage: 'auto' })
    const generation = { sampling: { topK: 5 }, eosTokenIds: [3] }
    expect(model).toMatchObject({ storage: 'f32', contextLength: 32, blocks: 2, generation })
    const shapes = Object.values(tensorsOf(FIELDS)).map(({ values }) => values.length)
    expect(model.parameters).toBe(shapes.reduce((sum, count) => sum + count))
  })

  test.each<[name: string, change: (tensors: Tensors) => void, reason: string]>([
    ['no tensors', t => drop(t, ''), 'lacks the tensor "model.embed_tokens.weight"'],
    ['no head', t => drop(t, 'lm_head'), 'lacks the tensor "lm_head.weight"'],
    [
      'no bias',
      t => drop(t, 'layers.1.self_attn.k_proj.bias'),
      'lacks the tensor "model.layers.1.self_attn.k_proj.bias"',
    ],
    ['a layer too few', t => drop(t, 'layers.1.'), 'lacks the tensor "model.layers.1.input_layernorm.weight"'],
    [
      'a layer too many',
      t => Object.assign(t, { 'model.layers.2.x': t['model.norm.weight'] }),
      'holds "model.layers.2.x", but config.json says that there are 2 layers',
    ],
    [
      'vocabulary',
      t => Object.assign(t, { 'model.embed_tokens.weight': { shape: [19, 8], values: new Float32Array(152) } }),
      'tensor "model.embed_tokens.weight" has the shape [19, 8]; config.json asks for [20, 8]',
    ],
    [
      'rank',
      t => Object.assign(t, { 'model.norm.weight': { shape: [1, 8], values: new Float32Array(8) } }),
      'tensor "model.norm.weight" has the shape [1, 8]; config.json asks for [8]',
    ],
  ])('refuses weights before it takes memory: %s', async (_, change, reason) => {
    const tensors = tensorsOf(FIELDS)
    change(tensors)
    using directory = modelDirectory(FIELDS, tensors)
    await using device = createReferenceDevice()
    device.seal()
    const path = `${directory.path}/model.safetensors`
    await expect(loadModel(directory.path, device, OPTIONS)).rejects.toThrow(new FormatError(path, reason))
  })

  test('refuses weights that are no floats', async () => {
    using directory = modelDirectory()
    const text = floatTensors(tensorsOf(FIELDS)).toString('latin1')
    directory.write('model.safetensors', Buffer.from(text.replace('"dtype":"F32"', '"dtype":"U32"'), 'latin1'))
    await expect(logitsOf(directory.path)).rejects.toThrow('holds U32; weights are read from F32, F16, BF16')
  })

  test.each<[change: Partial<LoadOptions>, reason: string]>([
    [
      { contextLength: 65, blocks: 9 },
      'a context of 65 tokens is asked for and the model was made for 64: ask for fewer',
    ],
    [{ contextLength: 33 }, 'a context of 33 tokens is asked for and the KV cache holds 32: give it more blocks'],
  ])('refuses options that do not fit: %j', async (change, reason) => {
    using directory = modelDirectory()
    await expect(logitsOf(directory.path, { ...OPTIONS, ...change })).rejects.toThrow(new ModelLoadError(reason))
  })

  test('refuses a step that does not fit', async () => {
    using directory = modelDirectory()
    await expect(logitsOf(directory.path, { ...OPTIONS, maxTokens: 5 })).rejects.toThrow('a step of 6 tokens; 5 fit')
    await expect(logitsOf(directory.path, { ...OPTIONS, maxLogitRows: 5 })).rejects.toThrow('6 logit rows; 5 fit')
    await expect(logitsOf(directory.path, { ...OPTIONS, contextLength: 5 })).rejects.toThrow('of 6 tokens; 5 fit')
  })

  test('damaged files are refused with FormatError or computed, nothing else', async () => {
    using directory = modelDirectory()
    const files = ['config.json', 'model.safetensors'] as const
    const valid = {
      'config.json': Buffer.from(JSON.stringify(FIELDS)),
      'model.safetensors': floatTensors(tensorsOf(FIELDS)),
    }
    const damage = fc.tuple(fc.constantFrom(...files), fc.nat(4000), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async damages => {
        for (const name of files) {
          const bytes = Buffer.from(valid[name])
          for (const [file, at, value] of damages) if (file === name) bytes[at % bytes.length] = value
          directory.write(name, bytes)
        }
        try {
          await logitsOf(directory.path)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('randomWeights', () => {
  const source = randomWeights(configOf({ ...FIELDS, vocab_size: 5000 }), 7)
  const values = source.read('model.embed_tokens.weight')

  test('do not depend on how they are read', () => {
    expect(source.read('model.embed_tokens.weight', 100, 50)).toEqual(values.slice(100, 150))
  })

  test('have mean 0 and deviation 0.02, and pass through norms', () => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(4e-4)
    expect(Math.abs(Math.sqrt(variance) - 0.02)).toBeLessThan(4e-4)
    expect(source.read('model.norm.weight')).toEqual(new Float32Array(8).fill(1))
    const gemma = randomWeights(configOf({ ...FIELDS, model_type: 'gemma3_text' }), 7)
    expect(gemma.read('model.norm.weight')).toEqual(new Float32Array(8))
  })

  test('differ by tensor and by seed', () => {
    const [q, k] = ['q', 'k'].map(name => source.read(`model.layers.0.self_attn.${name}_proj.weight`, 0, 32))
    expect(q).not.toEqual(k)
    expect(randomWeights(configOf(FIELDS), 8).read('model.embed_tokens.weight', 0, 9)).not.toEqual(values.slice(0, 9))
  })
})
