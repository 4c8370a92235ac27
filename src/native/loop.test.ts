import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PendingRows } from './device/device.ts'
import type { StepRunner } from './loop.ts'
import type { RowSampling } from './sampling/row.ts'
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

describe.each([1, 2] as const)('EngineLoop, %i in flight', depth => {
  it('gives each job the answer it gets alone, whatever arrives, leaves or is preempted around it', async () => {
    let preemptions = 0
    let cached = 0
    let held = 0
    let ahead = 0
    await fc.assert(
      fc.asyncProperty(worlds, arrivals, async (world, plan) => {
        const stats = await playSchedule(world, plan, new SimulatedModel(LETTERS), vocabulary, depth)
        preemptions += stats.preemptions
        cached += stats.cachedTokens
        held += stats.held
        ahead += stats.ahead
      }),
      { numRuns: 300 },
    )
    // The schedules were rough enough to mean something.
    expect(preemptions).toBeGreaterThan(50)
    expect(cached).toBeGreaterThan(500)
    expect(held).toBeGreaterThan(500)
    expect(ahead).toBeGreaterThan(depth === 2 ? 5000 : -1)
  }, 120_000)

  it('ends every job once and keeps no block when steps cannot be run', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, arrivals, async (world, plan) => {
        const runner = new Faulty(LETTERS)
        const { scheduler, loop } = build(world, runner, vocabulary, depth)
        for (const [id, { prompt, sampling, priority }] of plan.entries())
          loop.submit(job(id, prompt, sampling, { priority }))
        const outcomes = await drain(loop)
        for (const id of plan.keys()) {
          expect(outcomes.filter(outcome => outcome.job === id && isTerminal(outcome))).toHaveLength(1)
        }
        scheduler.checkIntegrity()
        expect(scheduler.cache.free).toBe(world.blocks)
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  it('fails the request whose logits are no numbers, and no other', async () => {
    const sampling = { maxTokens: 12, ignoreEos: true }
    const spoilt = build(ROOMY, new Spoilt(LETTERS), vocabulary, depth).loop
    const sound = build(ROOMY, new SimulatedModel(LETTERS), vocabulary, depth).loop
    for (const loop of [spoilt, sound]) {
      for (const id of [1, 2, 3]) loop.submit(job(id, [1, 2, 3 + id], { ...sampling, topK: id === 2 ? 13 : 0 }))
    }
    const [outcomes, expected] = [await drain(spoilt), await drain(sound)]
    for (const id of [1, 3]) expect(answers(outcomes, id)).toEqual(answers(expected, id))
    const failed = outcomes.filter(outcome => outcome.job === 2)
    expect(failed.at(-1)).toEqual({
      job: 2,
      failure: { message: 'the model gave no finite logit for this request' },
    })
    // The prompt's end at position 3 and two tokens after it were sound.
    expect(failed.filter(outcome => 'event' in outcome && outcome.event.type === 'tokens')).toHaveLength(2)
    expect(spoilt.stats()).toMatchObject({ running: 0, waiting: 0, kvBlocksUsed: 0 })
  })
})

/** Every seventh step fails when it is enqueued, every eleventh when it is taken. */
class Faulty extends SimulatedModel {
  #runs = 0

  override run(...step: Parameters<SimulatedModel['run']>): PendingRows {
    const turn = ++this.#runs
    if (turn % 7 === 0) throw new RangeError('this step does not fit')
    const pending = super.run(...step)
    return {
      take: async () => {
        const rows = await pending.take()
        if (turn % 11 === 0) throw new Error('this step was lost')
        return rows
      },
    }
  }
}

/** Those who keep 13 tokens find nothing but NaN from position 5 on. */
class Spoilt extends SimulatedModel {
  protected override spoil(logits: Float32Array, { topK, position }: RowSampling): Float32Array {
    return topK === 13 && position >= 5 ? logits.fill(Number.NaN) : logits
  }
}

describe('EngineLoop', () => {
  it('plans the next step before it takes the one before, and never more', async () => {
    const order: string[] = []
    const model = new SimulatedModel(LETTERS)
    let runs = 0
    const runner: StepRunner = {
      run(plan, rows) {
        const turn = ++runs
        order.push(`run ${turn}`)
        const pending = model.run(plan, rows)
        const take = () => {
          order.push(`take ${turn}`)
          return pending.take()
        }
        return { take }
      },
    }
    const { loop } = build(ROOMY, runner, vocabulary, 2)
    loop.submit(job(1, [1, 2, 3], { maxTokens: 4, ignoreEos: true }))
    await drain(loop)
    expect(order.join(', ')).toBe('run 1, run 2, take 1, run 3, take 2, run 4, take 3, take 4')
  })

  it('measures a step from the one before it, where both are in flight', async () => {
    const { loop } = build(ROOMY, new SimulatedModel(LETTERS), vocabulary, 2)
    loop.submit(job(1, [1, 2, 3], { maxTokens: 3, ignoreEos: true }))
    const steps = [await loop.step(), await loop.step(), await loop.step()]
    // The clock ticks once when it is read: four times in each call, and in the last two the step began before.
    expect(steps.map(({ ms }) => ms)).toEqual([3, 4, 4])
    expect(steps.map(({ hostMs }) => hostMs)).toEqual([2, 2, 2])
  })

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
    loop.submit(job(1, [1, 2], { maxTokens: 2, ignoreEos: true }, { priority: 1 }))
    loop.submit(job(2, [1, 2], { maxTokens: 2, ignoreEos: true }))
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
    // The clock ticks once when it is read: at arrival, then four times in each of the three steps.
    expect(done).toMatchObject({ event: { timings: { queuedMs: 1, prefillMs: 2, decodeMs: 8 } } })
  })

  it('keeps the prefixes of different salts apart', async () => {
    const { loop } = world({ ...ROOMY, prefixCaching: true })
    const cachedUnder = async (id: number, cacheSalt: string) => {
      loop.submit(job(id, Array(48).fill(5), { maxTokens: 1 }, { cacheSalt }))
      const outcomes = await drain(loop)
      const start = outcomes.find(outcome => 'event' in outcome && outcome.event.type === 'start')
      return start && 'event' in start && start.event.type === 'start' ? start.event.cachedTokens : undefined
    }
    expect(await cachedUnder(1, 'mine')).toBe(0)
    expect(await cachedUnder(2, 'theirs')).toBe(0)
    expect(await cachedUnder(3, '')).toBe(0)
    expect(await cachedUnder(4, 'mine')).toBe(32)
  })

  describe('a job whose reader does not read', () => {
    const endless = { ignoreEos: true, maxTokens: 100 }
    const steps = async (loop: ReturnType<typeof world>['loop'], count: number) => {
      const outcomes = []
      for (let i = 0; i < count; i++) outcomes.push(...(await loop.step()).outcomes)
      return outcomes
    }

    it('gets no token, keeps its blocks, and holds nobody up', async () => {
      const { loop } = world(ROOMY)
      for (const id of [1, 2]) loop.submit(job(id, Array(32).fill(5), endless))
      await loop.step()
      loop.pause(1, true)
      const outcomes = await steps(loop, 9)
      expect(outcomes.map(outcome => outcome.job)).toEqual(Array(9).fill(2))
      expect(loop.stats()).toMatchObject({ running: 2, paused: 1, kvBlocksUsed: 5, preemptions: 0 })
      loop.pause(1, false)
      expect((await steps(loop, 1)).map(outcome => outcome.job).toSorted()).toEqual([1, 2])
      expect(loop.stats().paused).toBe(0)
    })

    it('leaves a loop idle that has nobody else, once it has told of it', async () => {
      const { loop } = world(ROOMY)
      loop.submit(job(1, [1, 2, 3], endless))
      await loop.step()
      loop.pause(1, true)
      expect(loop.idle).toBe(false)
      expect(await loop.step()).toEqual({ outcomes: [], tokens: 0, ms: 0, hostMs: 0 })
      expect(loop.idle).toBe(true)
      expect(loop.stats()).toMatchObject({ running: 1, paused: 1, steps: 1 })
      loop.pause(1, false)
      expect(loop.idle).toBe(false)
      expect(await drain(loop)).not.toEqual([])
    })

    it('frees its blocks one step after it is aborted', async () => {
      const { loop } = world(ROOMY)
      loop.submit(job(1, Array(32).fill(5), endless))
      await loop.step()
      loop.pause(1, true)
      await drain(loop)
      loop.abort(1)
      expect(loop.idle).toBe(false)
      await loop.step()
      expect(loop.stats()).toMatchObject({ running: 0, waiting: 0, paused: 0, kvBlocksUsed: 0 })
      expect(loop.idle).toBe(true)
    })

    it('is the first to give up its blocks, whatever its priority', async () => {
      const { loop } = world({ ...ROOMY, blocks: 8 })
      loop.submit(job(1, Array(32).fill(5), endless, { priority: -1 }))
      loop.submit(job(2, Array(32).fill(5), endless))
      loop.submit(job(3, Array(32).fill(5), endless, { priority: 1 }))
      await loop.step()
      loop.pause(1, true)
      await steps(loop, 16)
      expect(loop.stats()).toMatchObject({ kvBlocksUsed: 8, preemptions: 0 })
      expect((await steps(loop, 1)).map(outcome => outcome.job)).toEqual([2, 3])
      expect(loop.stats()).toMatchObject({ running: 2, waiting: 1, paused: 1, preemptions: 1 })
    })

    it.each([
      ['blocks', { ...ROOMY, blocks: 4 }],
      ['sequences', { ...ROOMY, maxSequences: 1 }],
    ])('makes room where there are no more %s for those who wait', async (_, room) => {
      const { loop } = world(room)
      loop.submit(job(1, Array(40).fill(5), { ignoreEos: true, maxTokens: 20 }))
      await loop.step()
      loop.pause(1, true)
      loop.submit(job(2, Array(40).fill(5), { ignoreEos: true, maxTokens: 20 }))
      const outcomes = await drain(loop)
      expect(answers(outcomes, 2).types.at(-1)).toBe('done')
      expect(loop.stats()).toMatchObject({ running: 0, waiting: 1, paused: 1 })
      loop.pause(1, false)
      expect(answers(await drain(loop), 1).types.at(-1)).toBe('done')
    })

    it('is passed over while it waits', async () => {
      const { loop } = world({ ...ROOMY, maxSequences: 1 })
      for (const id of [1, 2, 3]) loop.submit(job(id, [1, 2], { ignoreEos: true, maxTokens: 3 }))
      loop.pause(2, true)
      const done = (await drain(loop)).filter(isTerminal).map(outcome => outcome.job)
      expect(done).toEqual([1, 3])
    })
  })
})
