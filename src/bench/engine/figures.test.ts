import { expect, test } from 'vitest'
import { modelShape } from '../../native/index.ts'
import { figuresOf } from './figures.ts'

const model = { config: modelShape('llama-2-7b'), storage: 'bf16', kvType: 'bf16' } as const
const most = { gigabytesPerSecond: 4000, teraflops: 800 }
const answers = { kind: 'generate', batch: 1, depth: 0, tokens: 100 } as const
const prompts = { kind: 'prompt', batch: 2, depth: 0, tokens: 1024 } as const
/** Of all matrices but the embedding. */
const WEIGHT_BYTES = 2 * (6_738_415_616 - 65 * 4096 - 32_000 * 4096)

test('a step that reads the weights as fast as the card can is at its ceiling', () => {
  const cache = (1 + 99 / 2 + 1) * 524_288
  const seconds = (100 * (WEIGHT_BYTES + cache)) / 4000e9
  const figures = figuresOf(model, answers, [{ seconds, tokens: 100, steps: 100, hostMs: 5 }], most)
  expect(figures.ofCeiling).toBeCloseTo(1, 9)
  expect(figures).toMatchObject({ bound: 'memory', steps: 100, firstTokenMs: null })
  expect(figures.gigabytesPerSecond).toBeCloseTo(4000, 6)
  expect(figures.hostMicrosecondsPerStep).toBeCloseTo(50, 9)
  expect(figures.msPerStep).toBeCloseTo(seconds * 10, 9)
})

test('prompts are a share of the card’s product rate', () => {
  const sample = { seconds: 0.1, tokens: 2048, steps: 1, hostMs: 1 }
  const figures = figuresOf(model, prompts, [sample, sample], most)
  expect(figures.bound).toBe('compute')
  expect(figures.ofCeiling).toBeCloseTo(figures.teraflops / 800, 9)
  expect(figures.firstTokenMs).toBeCloseTo(100, 9)
  // Two operations a weight and token, and some attention.
  expect(figures.teraflops).toBeGreaterThan((WEIGHT_BYTES * 2048 * 0.97) / 0.1 / 1e12)
})

test('the spread is over repetitions', () => {
  const sample = { tokens: 100, steps: 100, hostMs: 0 }
  const { tokensPerSecond } = figuresOf(
    model,
    answers,
    [1, 0.5].map(seconds => ({ ...sample, seconds })),
    undefined,
  )
  expect(tokensPerSecond).toMatchObject({ mean: 150, samples: [100, 200] })
  expect(tokensPerSecond.deviation).toBeCloseTo(50 * Math.SQRT2, 9)
})

test('without a ceiling there are no shares', () => {
  const { bound, ofCeiling } = figuresOf(
    model,
    answers,
    [{ seconds: 1, tokens: 100, steps: 100, hostMs: 0 }],
    undefined,
  )
  expect([bound, ofCeiling]).toEqual([null, null])
})
