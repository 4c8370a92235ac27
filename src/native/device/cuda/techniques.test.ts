import { describe, expect, it } from 'vitest'
import type { NativeOptions } from '../../options.ts'
import { answers, drain, job } from '../../testing/schedules.ts'
import { TECHNIQUES } from './techniques.ts'
import { loadFixture } from './testing/load-fixture.ts'
import { testCard } from './testing/test-card.ts'

const card = testCard()

const BOUNDS = { contextLength: 160, maxSequences: 6, tokenBudget: 90 } as const

/** More prompts than fit into a step, of which some leave before others. */
const JOBS = [
  { length: 3, maxTokens: 12 },
  { length: 120, maxTokens: 5 },
  { length: 17, maxTokens: 9 },
  { length: 1, maxTokens: 7 },
  { length: 40, maxTokens: 3 },
]

/** What each job draws, and how likely that and the likeliest were. */
async function answersOf(model: string, options: NativeOptions, temperature: number) {
  await using engine = await loadFixture(model, { ...BOUNDS, ...options })
  for (const [id, { length, maxTokens }] of JOBS.entries()) {
    const prompt = Array.from({ length }, (_, i) => 1 + ((i * 11 + id) % 60))
    const sampling = { temperature, maxTokens, ignoreEos: true, logprobs: true, topLogprobs: 3 }
    engine.loop.submit(job(id, prompt, sampling))
  }
  const outcomes = await drain(engine.loop)
  return JOBS.map((_, id) => answers(outcomes, id).choices![0]!)
}

const INVARIANT = { dtype: 'bf16', batchInvariant: true } as const

/** Ways to the same bits. */
const SAME: readonly (readonly [way: string, options: NativeOptions])[] = [
  ['without graphs: sizes that are not padded', { without: ['graphs'] }],
  ['without pipelining: one step after the other', { without: ['pipelining'] }],
  ['without overlap', { without: ['overlap'] }],
  ['with graphs of other sizes', { maxSequences: 5 }],
  ['in smaller steps', { tokenBudget: 7 }],
]

const FUSIONS = Object.keys(TECHNIQUES).filter(each => each.startsWith('fuse-'))
/** Ways to the same numbers, but for their rounding. */
const CLOSE: readonly (readonly [name: string, without: readonly string[]])[] = [
  ...FUSIONS.map(each => [each, [each]] as const),
  ['all techniques', Object.keys(TECHNIQUES)],
]

describe.skipIf(card === undefined)(`on ${card?.name ?? 'no GPU'}`, () => {
  const models = card?.emulated ? ['gemma3'] : ['llama3', 'gemma3', 'mistral']

  describe.each(models)('%s draws the same, bit for bit,', async model => {
    const usual = card && (await answersOf(model, INVARIANT, 0.8))
    it.each(SAME)('%s', async (_, options) => {
      expect(await answersOf(model, { ...INVARIANT, ...options }, 0.8)).toEqual(usual)
    })
  })

  describe.each(['llama3', 'qwen2'])('%s chooses the same, as likely,', async model => {
    const usual = card && (await answersOf(model, { dtype: 'f32' }, 0))
    it.each(CLOSE)('without %s', async (_, without) => {
      const found = await answersOf(model, { dtype: 'f32', without }, 0)
      for (const [i, { ids, logprobs }] of found.entries()) {
        expect(ids).toEqual(usual![i]!.ids)
        for (const [t, { logprob }] of logprobs.entries()) {
          expect(logprob).toBeCloseTo(usual![i]!.logprobs[t]!.logprob, 3)
        }
      }
    })
  })

  it('rounds little otherwise in 16 bits with techniques than without any', async () => {
    const a = await answersOf('llama3', { dtype: 'bf16' }, 0)
    const b = await answersOf('llama3', { dtype: 'bf16', without: Object.keys(TECHNIQUES) }, 0)
    let compared = 0
    for (const [i, { ids, logprobs }] of a.entries()) {
      // Behind the first token that differs, they tell different stories.
      const differ = ids.findIndex((id, t) => id !== b[i]!.ids[t])
      for (let t = 0; t < (differ < 0 ? ids.length : differ); t++, compared++) {
        expect(Math.abs(logprobs[t]!.logprob - b[i]!.logprobs[t]!.logprob)).toBeLessThan(5e-2)
      }
    }
    expect(compared).toBeGreaterThan(20)
  })
})
