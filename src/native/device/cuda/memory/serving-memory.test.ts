import { describe, expect, it, vi } from 'vitest'
import { CudaContext, KernelCache, MatmulLibrary, type MatmulPlan, openCuda } from '../../../../cuda/index.ts'
import type { SamplingParams } from '../../../../engine/index.ts'
import type { EngineLoop } from '../../../loop.ts'
import type { NativeOptions } from '../../../options.ts'
import { drain, job } from '../../../testing/schedules.ts'
import { loadFixture } from '../testing/load-fixture.ts'
import { testCard } from '../testing/test-card.ts'

const card = testCard()

const CONTEXT = 192
/** More than two tiles of queries, so that products of many rows are among the steps. */
const BOUNDS = { contextLength: CONTEXT, maxSequences: 6, tokenBudget: 150 } as const

const MODELS: readonly (readonly [model: string, options: NativeOptions])[] = [
  ['llama3', { dtype: 'bf16' }],
  ['llama-bias', { dtype: 'bf16', quantize: 'int8' }],
  ['gemma3', { dtype: 'bf16', kvType: 'fp8', without: ['graphs'] }],
  // What attention is split by depends on how much there is to do.
  ['llama2', { dtype: 'bf16', without: ['graphs'], maxSequences: 40 }],
  ['qwen3', { dtype: 'bf16', batchInvariant: true, quantize: 'fp8' }],
  ['mistral', { dtype: 'f32' }],
  ['llama-tied', { dtype: 'f16', without: ['skinny', 'pipelining'] }],
]

/** Everything that makes a step of another kind. */
const SAMPLINGS: readonly SamplingParams[] = [
  { temperature: 0 },
  { temperature: 1, topP: 0.9, topK: 20 },
  { temperature: 0, logprobs: true, topLogprobs: 20 },
  { temperature: 0.5, repetitionPenalty: 1.2, frequencyPenalty: 0.4, presencePenalty: 0.3 },
  { temperature: 1, n: 3 },
  { temperature: 0, logitBias: { 5: 4, 9: -100 }, minTokens: 3 },
]

const prompt = (length: number) => Array.from({ length }, (_, i) => 1 + ((i * 7 + length) % 60))

/** Alone and in crowds, long and short, up to the last position. */
async function serve(loop: EngineLoop): Promise<number> {
  let id = 0
  const submit = (length: number, sampling: SamplingParams) => {
    const maxTokens = Math.min(9, CONTEXT - length)
    loop.submit(job(id++, prompt(length), { maxTokens, ignoreEos: true, ...sampling }))
  }
  let ended = 0
  const finish = async () => {
    const outcomes = await drain(loop)
    expect(outcomes.flatMap(outcome => ('failure' in outcome ? [outcome.failure.message] : []))).toEqual([])
    ended += outcomes.filter(outcome => 'event' in outcome && outcome.event.type === 'done').length
  }
  for (const length of [1, 65, 129, CONTEXT - 1]) {
    submit(length, SAMPLINGS[id % SAMPLINGS.length]!)
    await finish()
  }
  for (const crowd of [2, 3, 5, 8]) {
    for (let i = 0; i < crowd; i++) submit((37 * i + crowd) % (CONTEXT - 10), SAMPLINGS[i % SAMPLINGS.length]!)
    await finish()
  }
  expect(ended).toBe(id)
  return ended
}

describe.skipIf(card === undefined)(`once a model is loaded, on ${card?.name ?? 'no GPU'}`, () => {
  it.each(MODELS)('%s %j: serving takes no memory, compiles nothing and plans nothing', async (model, options) => {
    const plans = new Set<MatmulPlan>()
    const plan = vi.spyOn(MatmulLibrary.prototype, 'plan')
    await using engine = await loadFixture(model, { ...BOUNDS, ...options })
    for (const { value } of plan.mock.results) plans.add(value as MatmulPlan)
    plan.mockClear()
    const taking = [
      vi.spyOn(CudaContext.prototype, 'allocate'),
      vi.spyOn(CudaContext.prototype, 'allocatePinned'),
      vi.spyOn(CudaContext.prototype, 'load'),
      vi.spyOn(KernelCache.prototype, 'compile'),
    ]
    using context = openCuda().devices[0]!.open()
    const { free } = context.memory()
    try {
      expect(await serve(engine.loop)).toBeGreaterThan(20)
      for (const spy of taking) expect(spy).not.toHaveBeenCalled()
      for (const { value } of plan.mock.results) expect(plans).toContain(value)
      // What a real card has left others change, too; benchmarks/cuda/memory.ts looks when it is alone.
      if (card!.emulated) expect(context.memory().free).toBe(free)
    } finally {
      for (const spy of [plan, ...taking]) spy.mockRestore()
    }
  })
})
