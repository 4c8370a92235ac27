import { describe, expect, it } from 'vitest'
import { cardBlocks, fitCard } from '../../../kv-blocks.ts'
import { randomModel } from '../../../model/load-model.ts'
import { parseModelConfig } from '../../../model/read-config.ts'
import { type MemoryRequest, memoryPlan } from '../../../plan/index.ts'
import type { ActivationType, MemoryBudget, WeightStorage } from '../../device.ts'
import { testCard } from '../testing/test-card.ts'
import { matmulRoom } from './room-bytes.ts'

const card = testCard()
const MIB = 2 ** 20

/** Few layers and many words, so that every line of a plan weighs something. */
const shape = (changes: Record<string, unknown> = {}) =>
  parseModelConfig(
    {
      model_type: 'llama',
      vocab_size: 3000,
      hidden_size: 128,
      intermediate_size: 320,
      num_hidden_layers: 2,
      num_attention_heads: 8,
      num_key_value_heads: 2,
      head_dim: 32,
      max_position_embeddings: 2048,
      ...changes,
    },
    'shape',
  )

const FAMILIES = {
  llama: shape(),
  gemma: shape({ model_type: 'gemma3_text', vocab_size: 8000, sliding_window_pattern: 2, head_dim: 64 }),
  qwen: shape({ model_type: 'qwen2', tie_word_embeddings: true, num_hidden_layers: 3 }),
}

interface Case {
  readonly family: keyof typeof FAMILIES
  readonly activationType: ActivationType
  readonly storage: WeightStorage
  readonly kvType: 'f32' | 'bf16' | 'fp8'
  readonly maxTokens: number
  readonly maxSequences: number
  readonly contextLength: number
  readonly gpuMemory: string
}

const base = { activationType: 'bf16', storage: 'bf16', kvType: 'bf16' } as const

const CASES: readonly Case[] = [
  { ...base, family: 'llama', maxTokens: 100, maxSequences: 3, contextLength: 700, gpuMemory: '1GiB' },
  {
    ...base,
    family: 'llama',
    storage: 'int8',
    maxTokens: 300,
    maxSequences: 70,
    contextLength: 2048,
    gpuMemory: '64MiB',
  },
  { ...base, family: 'gemma', kvType: 'fp8', maxTokens: 65, maxSequences: 9, contextLength: 512, gpuMemory: '24MiB' },
  { ...base, family: 'qwen', storage: 'fp8', maxTokens: 64, maxSequences: 1, contextLength: 100, gpuMemory: '12MiB' },
  {
    ...{ family: 'gemma', activationType: 'f32', storage: 'f32', kvType: 'f32' },
    ...{ maxTokens: 20, maxSequences: 20, contextLength: 300, gpuMemory: '40MiB' },
  },
]

describe.skipIf(card === undefined)(`a plan, and what is taken of ${card?.name ?? 'no GPU'}`, () => {
  if (card === undefined) return

  /** What a card gives to a model as large as the plan allows, and the plan. */
  async function load({ gpuMemory, family, ...asked }: Case) {
    await using device = await card!.open({ gpuMemory, activationType: asked.activationType })
    const config = FAMILIES[family]
    const request: MemoryRequest = { config, ...asked, budgetBytes: device.freeBytes }
    const blocks = cardBlocks(request)
    const { storage, contextLength, maxTokens, maxSequences, kvType } = asked
    const options = { storage, contextLength, maxTokens, maxLogitRows: maxSequences, blocks, kvType }
    await randomModel(config, device, options, 1).prepare(maxSequences)
    return { plan: memoryPlan(request), taken: device.seal(), limit: request.budgetBytes }
  }

  it.each(CASES)('$family in $gpuMemory: $storage, $maxTokens tokens, $maxSequences sequences', async each => {
    const { plan, taken, limit } = await load(each)
    const planned = Object.fromEntries(plan.lines.map(({ use, bytes }) => [use, bytes]))
    const gaps = 2 ** 16
    for (const use of ['weights', 'activations', 'kv-cache'] satisfies (keyof MemoryBudget)[]) {
      expect(taken[use] - planned[use]!, use).toBeGreaterThanOrEqual(0)
      expect(taken[use] - planned[use]!, use).toBeLessThan(gaps)
    }
    const scratch = taken.workspace + matmulRoom(limit)
    expect(scratch).toBeLessThanOrEqual(planned.workspace!)
    expect(scratch).toBeGreaterThan(0.6 * planned.workspace! - MIB)
    const sum = Object.values(taken).reduce((total, bytes) => total + bytes, 0)
    expect(sum + matmulRoom(limit)).toBeLessThanOrEqual(limit)
  })

  it('loads with bounds that were lowered until they fit', async () => {
    const wanted = CASES[1]!
    const tight = { ...wanted, contextLength: 2048, maxSequences: 256, maxTokens: 2048, gpuMemory: '6MiB' }
    await expect(load(tight)).rejects.toThrow('the model does not fit')
    const { gpuMemory: _, family, ...asked } = tight
    const request = { config: FAMILIES[family], ...asked, budgetBytes: 6 * MIB - 2 ** 14 }
    const fitted = fitCard(request, new Set(['contextLength', 'maxTokens', 'maxSequences']))
    expect(fitted.maxSequences).toBeLessThan(256)
    const { contextLength, maxTokens, maxSequences } = fitted
    const { plan } = await load({ ...tight, contextLength, maxTokens, maxSequences })
    expect(plan.blocks).toBeGreaterThanOrEqual(contextLength / 16)
  })
})
