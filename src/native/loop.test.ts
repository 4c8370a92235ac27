import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LETTERS, letterVocabulary } from './testing/letters.ts'
import {
  answers,
  arrivals,
  build,
  drain,
  isTerminal,
  job,
  playSchedule,
  ROOMY,
  type World,
  worlds,
} from './testing/schedules.ts'
import { SimulatedModel } from './testing/simulated-model.ts'

const vocabulary = letterVocabulary()

function world(options: World) {
  return build(options, new SimulatedModel(LETTERS), vocabulary)
}

describe('EngineLoop', () => {
  it('gives each job the answer it gets alone, whatever arrives, leaves or is preempted around it', async () => {
    let preemptions = 0
    let cached = 0
    await fc.assert(
      fc.asyncProperty(worlds, arrivals, async (world, plan) => {
        const stats = await playSchedule(world, plan, new SimulatedModel(LETTERS), vocabulary)
        preemptions += stats.preemptions
        cached += stats.cachedTokens
      }),
      { numRuns: 300 },
    )
    // The schedules were rough enough to mean something.
    expect(preemptions).toBeGreaterThan(50)
    expect(cached).toBeGreaterThan(500)
  }, 120_000)

  it('tells start first and done last', async () => {
    const { loop } = world(ROOMY)
    loop.submit(job(1, [1, 2, 3], { maxTokens: 3, ignoreEos: true }))
    expect(answers(await drain(loop), 1).types).toEqual(['start', 'tokens', 'tokens', 'tokens', 'done'])
  })

  it('processes the prompt of n answers once', async () => {
    const { loop } = world({ ...ROOMY, prefixCaching: true })
    loop.submit(job(1, Array(160).fill(5), { n: 4, maxTokens: 1, ignoreEos: true }))
    await drain(loop)
    expect(loop.stats()).toMatchObject({ promptTokens: 160, generatedTokens: 4, steps: 2, kvBlocksUsed: 0 })
  })

  it('counts no token for a job that wants none', async () => {
    const { loop } = world(ROOMY)
    loop.submit(job(1, [1, 2, 3], { maxTokens: 0 }))
    await drain(loop)
    expect(loop.stats()).toMatchObject({ promptTokens: 3, generatedTokens: 0, steps: 1 })
  })

  it('frees an aborted job within one step', async () => {
    const { loop } = world(ROOMY)
    loop.submit(job(1, Array(64).fill(5), { ignoreEos: true }))
    await loop.step()
    expect(loop.stats()).toMatchObject({ running: 1, kvBlocksUsed: 4 })
    loop.abort(1)
    expect((await loop.step()).outcomes).toEqual([])
    expect(loop.stats()).toMatchObject({ running: 0, waiting: 0, kvBlocksUsed: 0 })
    expect(loop.idle).toBe(true)
  })

  it('serves lower priority numbers first', async () => {
    const { loop } = world({ ...ROOMY, maxSequences: 1 })
    loop.submit(job(1, [1, 2], { maxTokens: 2, ignoreEos: true }, 1))
    loop.submit(job(2, [1, 2], { maxTokens: 2, ignoreEos: true }, 0))
    const done = (await drain(loop)).filter(isTerminal).map(outcome => outcome.job)
    expect(done).toEqual([2, 1])
  })

  it('reuses the blocks of an earlier prompt, but computes the last token again', async () => {
    const { loop } = world({ ...ROOMY, prefixCaching: true })
    const prompt = Array.from({ length: 48 }, (_, i) => 1 + (i % 60))
    loop.submit(job(1, prompt, { maxTokens: 1 }))
    await drain(loop)
    loop.submit(job(2, prompt, { maxTokens: 1 }))
    const start = (await drain(loop)).find(outcome => 'event' in outcome && outcome.event.type === 'start')
    expect(start).toMatchObject({ event: { promptTokens: 48, cachedTokens: 32 } })
  })

  it('measures queueing, prefill and decoding on the injected clock', async () => {
    const { loop } = world(ROOMY)
    loop.submit(job(1, [1, 2], { maxTokens: 3, ignoreEos: true }))
    const done = (await drain(loop)).find(isTerminal)
    // The clock ticks once when it is read: at arrival, then three times in each of the three steps.
    expect(done).toMatchObject({ event: { timings: { queuedMs: 1, prefillMs: 1, decodeMs: 6 } } })
  })
})
