import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Event, SAMPLING_DEFAULTS, type SamplingParams } from '../engine/index.ts'
import type { Job } from './job.ts'
import { KvCache } from './kv/kv-cache.ts'
import { EngineLoop, type Outcome } from './loop.ts'
import { Scheduler } from './scheduler.ts'
import { LETTERS, letterVocabulary } from './testing/letters.ts'
import { SimulatedModel } from './testing/simulated-model.ts'

interface World {
  readonly blocks: number
  readonly tokenBudget: number
  readonly maxSequences: number
  readonly prefixCaching: boolean
}

const vocabulary = letterVocabulary()
const ROOMY: World = { blocks: 256, tokenBudget: 4096, maxSequences: 64, prefixCaching: false }

function build(world: World) {
  const scheduler = new Scheduler(new KvCache(world.blocks, world.prefixCaching), world)
  const model = new SimulatedModel(LETTERS)
  let time = 0
  const loop = new EngineLoop({ scheduler, runner: model, vocabulary, now: () => time++ })
  return { scheduler, model, loop }
}

function job(id: number, prompt: readonly number[], sampling: SamplingParams = {}, priority = 0): Job {
  return { id, prompt, priority, sampling: { ...SAMPLING_DEFAULTS, seed: id, maxTokens: 20, ...sampling } }
}

/** All outcomes until nothing is left to do. */
async function drain(loop: EngineLoop): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  while (!loop.idle) outcomes.push(...(await loop.step()))
  return outcomes
}

/** What a job's answers are, whichever way the events were cut. */
function answers(outcomes: readonly Outcome[], id: number) {
  const events = outcomes.flatMap(outcome => (outcome.job === id && 'event' in outcome ? [outcome.event] : []))
  const done = events.find((event): event is Event & { type: 'done' } => event.type === 'done')
  const choices = done?.choices.map((end, choice) => {
    const tokens = events.filter(
      (event): event is Event & { type: 'tokens' } => event.type === 'tokens' && event.choice === choice,
    )
    return {
      end,
      ids: tokens.flatMap(event => event.ids),
      text: tokens.map(event => event.text).join(''),
      logprobs: tokens.flatMap(event => event.logprobs ?? []),
    }
  })
  return { types: events.map(event => event.type), choices }
}

const prompts = fc
  .tuple(fc.constantFrom(0, 5, 16, 17, 40, 64), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 30 }))
  .map(([shared, family, own]) => [
    ...Array.from({ length: shared }, (_, i) => 1 + ((i * 7 + family) % 60)),
    ...Array.from({ length: own }, (_, i) => 1 + ((i * 13 + own) % 60)),
  ])

const samplings: fc.Arbitrary<SamplingParams> = fc.record({
  temperature: fc.constantFrom(0, 0.7, 1.5),
  topK: fc.constantFrom(0, 5),
  topP: fc.constantFrom(1, 0.9),
  n: fc.constantFrom(1, 1, 1, 3),
  maxTokens: fc.constantFrom(0, 1, 7, 30, 30, 30),
  minTokens: fc.constantFrom(0, 4),
  logprobs: fc.boolean(),
  topLogprobs: fc.constantFrom(0, 2),
  frequencyPenalty: fc.constantFrom(0, 0.5),
  repetitionPenalty: fc.constantFrom(1, 1.2),
  stop: fc.constantFrom([], ['ab', 'cde']),
  ignoreEos: fc.boolean(),
})

const arrivals = fc.array(
  fc.record({
    prompt: prompts,
    sampling: samplings,
    priority: fc.integer({ min: -1, max: 1 }),
    atStep: fc.integer({ min: 0, max: 12 }),
    abortAfter: fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined, freq: 3 }),
  }),
  { minLength: 3, maxLength: 12 },
)

const worlds: fc.Arbitrary<World> = fc.record({
  // 94 prompt tokens and 30 more fill 8 blocks: the least that any job may need.
  blocks: fc.integer({ min: 8, max: 16 }),
  tokenBudget: fc.constantFrom(1, 3, 16, 33, 512),
  maxSequences: fc.integer({ min: 1, max: 12 }),
  prefixCaching: fc.boolean(),
})

describe('EngineLoop', () => {
  it('gives each job the answer it gets alone, whatever arrives, leaves or is preempted around it', async () => {
    let preemptions = 0
    let cached = 0
    await fc.assert(
      fc.asyncProperty(worlds, arrivals, async (world, plan) => {
        const { scheduler, model, loop } = build(world)
        const outcomes: Outcome[] = []
        const aborted = new Set<number>()
        for (let step = 0; step < 60 || !loop.idle; step++) {
          for (const [id, { prompt, sampling, priority, atStep }] of plan.entries()) {
            if (atStep === step) loop.submit(job(id, prompt, sampling, priority))
          }
          const running = loop.step()
          // The step is in flight: what is aborted now may still be written to by it.
          for (const [id, { atStep, abortAfter }] of plan.entries()) {
            if (abortAfter === undefined || atStep + abortAfter !== step) continue
            loop.abort(id)
            if (!outcomes.some(outcome => outcome.job === id && isTerminal(outcome))) aborted.add(id)
          }
          outcomes.push(...(await running))
          scheduler.checkIntegrity()
          expect(step).toBeLessThan(20_000)
        }
        expect(model.largest).toBeLessThanOrEqual(world.tokenBudget)
        expect(scheduler.cache.free).toBe(world.blocks)
        preemptions += scheduler.preemptions
        cached += loop.stats().cachedTokens

        for (const [id, { prompt, sampling }] of plan.entries()) {
          const mine = outcomes.filter(outcome => outcome.job === id)
          expect(mine.filter(isTerminal)).toHaveLength(aborted.has(id) ? 0 : 1)
          if (aborted.has(id)) continue
          expect(isTerminal(mine.at(-1)!)).toBe(true)
          const alone = build(ROOMY)
          alone.loop.submit(job(id, prompt, sampling))
          expect(answers(outcomes, id).choices).toEqual(answers(await drain(alone.loop), id).choices)
        }
      }),
      { numRuns: 200 },
    )
    // The schedules were rough enough to mean something.
    expect(preemptions).toBeGreaterThan(50)
    expect(cached).toBeGreaterThan(500)
  }, 120_000)

  it('tells start first and done last', async () => {
    const { loop } = build(ROOMY)
    loop.submit(job(1, [1, 2, 3], { maxTokens: 3, ignoreEos: true }))
    expect(answers(await drain(loop), 1).types).toEqual(['start', 'tokens', 'tokens', 'tokens', 'done'])
  })

  it('processes the prompt of n answers once', async () => {
    const { loop } = build({ ...ROOMY, prefixCaching: true })
    loop.submit(job(1, Array(160).fill(5), { n: 4, maxTokens: 1, ignoreEos: true }))
    await drain(loop)
    expect(loop.stats()).toMatchObject({ promptTokens: 160, generatedTokens: 4, steps: 2, kvBlocksUsed: 0 })
  })

  it('frees an aborted job within one step', async () => {
    const { loop } = build(ROOMY)
    loop.submit(job(1, Array(64).fill(5), { ignoreEos: true }))
    await loop.step()
    expect(loop.stats()).toMatchObject({ running: 1, kvBlocksUsed: 4 })
    loop.abort(1)
    expect(await loop.step()).toEqual([])
    expect(loop.stats()).toMatchObject({ running: 0, waiting: 0, kvBlocksUsed: 0 })
    expect(loop.idle).toBe(true)
  })

  it('serves lower priority numbers first', async () => {
    const { loop } = build({ ...ROOMY, maxSequences: 1 })
    loop.submit(job(1, [1, 2], { maxTokens: 2, ignoreEos: true }, 1))
    loop.submit(job(2, [1, 2], { maxTokens: 2, ignoreEos: true }, 0))
    const done = (await drain(loop)).filter(isTerminal).map(outcome => outcome.job)
    expect(done).toEqual([2, 1])
  })

  it('reuses the blocks of an earlier prompt, but computes the last token again', async () => {
    const { loop } = build({ ...ROOMY, prefixCaching: true })
    const prompt = Array.from({ length: 48 }, (_, i) => 1 + (i % 60))
    loop.submit(job(1, prompt, { maxTokens: 1 }))
    await drain(loop)
    loop.submit(job(2, prompt, { maxTokens: 1 }))
    const start = (await drain(loop)).find(outcome => 'event' in outcome && outcome.event.type === 'start')
    expect(start).toMatchObject({ event: { promptTokens: 48, cachedTokens: 32 } })
  })

  it('measures queueing, prefill and decoding on the injected clock', async () => {
    const { loop } = build(ROOMY)
    loop.submit(job(1, [1, 2], { maxTokens: 3, ignoreEos: true }))
    const done = (await drain(loop)).find(isTerminal)
    // The clock ticks once when it is read: at arrival, then twice in each of the three steps.
    expect(done).toMatchObject({ event: { timings: { queuedMs: 1, prefillMs: 1, decodeMs: 4 } } })
  })
})

function isTerminal(outcome: Outcome): boolean {
  return 'failure' in outcome || outcome.event.type === 'done'
}
