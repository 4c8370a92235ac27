import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReferenceDevice } from '../device/cpu/index.ts'
import type { WeightStorage } from '../device/device.ts'
import { randomModel } from '../model/load-model.ts'
import { parseModelConfig } from '../model/read-config.ts'
import { modelShape, shapeNames } from '../model/shapes.ts'
import { advise } from './advice.ts'
import { type MemoryRequest, memoryPlan } from './memory-plan.ts'
import { kvBlockBytes, weightBytes } from './model-bytes.ts'

const GIB = 2 ** 30

const small = (changes: Record<string, string | number | boolean> = {}) =>
  parseModelConfig(
    {
      model_type: 'qwen3',
      vocab_size: 96,
      hidden_size: 32,
      intermediate_size: 48,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 16,
      max_position_embeddings: 128,
      ...changes,
    },
    'small',
  )

const request: MemoryRequest = {
  config: modelShape('llama-2-7b'),
  storage: 'bf16',
  activationType: 'bf16',
  kvType: 'bf16',
  maxTokens: 2048,
  maxSequences: 16,
  contextLength: 4096,
  budgetBytes: 80 * GIB,
}

const bytesOf = (changes: Partial<MemoryRequest>, use: string) =>
  memoryPlan({ ...request, ...changes }).lines.find(line => line.use === use)?.bytes

describe('what a device takes is what the plan says', () => {
  test.each<[string, Record<string, string | number | boolean>, WeightStorage]>([
    ['f32', {}, 'f32'],
    ['bf16, tied', { tie_word_embeddings: true }, 'bf16'],
    ['int8', {}, 'int8'],
    ['biases', { model_type: 'llama', attention_bias: true, mlp_bias: true }, 'bf16'],
    ['two rotations', { model_type: 'gemma3_text', sliding_window_pattern: 2 }, 'f32'],
  ])('%s', async (_, changes, storage) => {
    const config = small(changes)
    await using device = createReferenceDevice()
    randomModel(config, device, { storage, blocks: 8, contextLength: 100, maxTokens: 33, maxLogitRows: 64 }, 1)
    const taken = device.seal()
    const asked = { config, storage, activationType: 'f32', kvType: 'f32', contextLength: 100 } as const
    const plan = memoryPlan({ ...request, ...asked, maxTokens: 33, maxSequences: 64 })
    const bytes = Object.fromEntries(plan.lines.map(({ use, bytes }) => [use, bytes]))
    expect([bytes.weights, bytes.activations]).toEqual([taken.weights, taken.activations])
    expect(plan.blockBytes).toBe(taken['kv-cache'] / 8)
  })
})

test('every byte of the budget has a line', () => {
  const sizes = fc.record({
    config: fc.constantFrom(...shapeNames).map(modelShape),
    storage: fc.constantFrom('bf16', 'fp8', 'int8', 'f32'),
    kvType: fc.constantFrom('bf16', 'fp8', 'f32'),
    maxTokens: fc.integer({ min: 1, max: 8192 }),
    maxSequences: fc.integer({ min: 1, max: 512 }),
    contextLength: fc.integer({ min: 1, max: 4096 }),
    worldSize: fc.constantFrom(1, 2, 4),
    budgetBytes: fc.integer({ min: 1, max: 200 * GIB }),
  })
  fc.assert(
    fc.property(sizes, asked => {
      const all = { ...request, ...asked } as MemoryRequest
      const plan = memoryPlan(all)
      const sum = plan.lines.reduce((sum, { bytes }) => sum + bytes, 0)
      if (plan.fits) expect(sum).toBe(plan.budgetBytes)
      expect(plan.holdsAll).toBe(plan.missingBytes === 0)
      expect(plan.holdsAll).toBe(plan.blocks === plan.wantedBlocks)
      for (const [key, value] of [
        ['contextLength', plan.largestContext],
        ['maxSequences', plan.largestBatch],
      ] as const) {
        if (value > 0) expect(memoryPlan({ ...all, [key]: value }).holdsAll).toBe(true)
        if (value < (key === 'contextLength' ? all.config.contextLength : 65_536)) {
          expect(memoryPlan({ ...all, [key]: value + 1 }).holdsAll).toBe(false)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('known sizes: a 7B in bf16, 16 sequences of 4096', () => {
  expect(weightBytes(request.config, 'bf16')).toBe(2 * 6_738_415_616 + 2 * 65 * 4096)
  expect(bytesOf({}, 'kv-cache')).toBe(16 * 4096 * 524_288)
})

test('two ranks share what can be split', () => {
  const llama = modelShape('llama-2-70b')
  const embedding = llama.vocabSize * llama.hiddenSize * 2
  const one = weightBytes(llama, 'bf16', 1) - embedding
  const norms = 161 * llama.hiddenSize * 4
  expect(weightBytes(llama, 'bf16', 2) - embedding - norms).toBe((one - norms) / 2)
  expect(kvBlockBytes(llama, 'bf16', 2)).toBe(kvBlockBytes(llama, 'bf16', 1) / 2)
  expect(kvBlockBytes(llama, 'bf16', 16)).toBe(kvBlockBytes(llama, 'bf16', 8))
})

describe('advice', () => {
  test('none where all fits', () => {
    expect(advise(request)).toEqual([])
  })

  test('every advice that says it suffices does', () => {
    const advice = advise({ ...request, budgetBytes: 24 * GIB })
    expect(
      advice.map(({ option, plan }) => `${option}: ${plan.holdsAll ? 'all' : plan.fits ? 'some' : 'none'}`),
    ).toMatchInlineSnapshot(`
      [
        "--quantize fp8 --kv-type fp8: all",
        "--batch 5: all",
        "--context 1424: all",
        "--tp 2: all",
        "--kv-type fp8: some",
        "--quantize fp8: some",
      ]
    `)
  })

  test('a model that does not fit at all is quantised or split', () => {
    const advice = advise({ ...request, config: modelShape('llama-2-70b'), budgetBytes: 80 * GIB })
    expect(advice.filter(({ plan }) => plan.fits).map(({ option }) => option)).toMatchInlineSnapshot(`
      [
        "--quantize fp8 --kv-type fp8",
        "--tp 2",
        "--quantize fp8",
      ]
    `)
  })
})
