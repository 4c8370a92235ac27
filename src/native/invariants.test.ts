import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCpuDevice, createReferenceDevice } from './device/cpu/index.ts'
import { testCard } from './device/cuda/testing/test-card.ts'
import type { Device } from './device/device.ts'
import { loadModel } from './model/load-model.ts'
import { ModelRunner } from './runner.ts'
import { letterVocabulary } from './testing/letters.ts'
import { crowds, playSchedule, ROOMY, tightWorlds } from './testing/schedules.ts'

/**
 * Schedules for each pair: each is replayed job by job, so this is where the time goes. Fixed seeds: these few runs are
 * to be rough ones, every time.
 */
const MANY = { numRuns: 12, seed: 20 }
/** The emulated card takes a hundred times as long for a step: one that preempts, shares prefixes and holds. */
const ONE = { numRuns: 1, seed: 12 }

const card = testCard()

interface Tried {
  readonly name: string
  readonly create: () => Promise<Device>
  readonly runs: typeof MANY
  readonly depths: readonly (1 | 2)[]
}

const devices: readonly Tried[] = [
  { name: 'reference', create: async () => createReferenceDevice(), runs: MANY, depths: [1, 2] },
  { name: 'SIMD on two threads', create: () => createCpuDevice({ threads: 2 }), runs: MANY, depths: [1, 2] },
  ...(card === undefined
    ? []
    : (['f32', 'bf16'] as const).map(activationType => ({
        name: `${card.name}, ${activationType}`,
        create: () => card.open({ activationType, batchInvariant: true }),
        runs: card.emulated ? ONE : MANY,
        depths: card.emulated ? ([2] as const) : ([1, 2] as const),
      }))),
]

/** Full attention; sliding windows; alternating windows with norms of every kind. */
const models = ['llama3', 'mistral', 'gemma3']

const modes = devices.flatMap(device => device.depths.map(depth => ({ ...device, depth })))

describe.each(modes)('on the $name device, $depth in flight', ({ depth, create, runs }) => {
  // Paged = contiguous, chunked = whole, prefix-cached = uncached, batched = alone, preempted = uninterrupted:
  // ahead = in turn: tokens, texts and log-probabilities are equal, bit for bit, whatever the schedule.
  it.each(models)(
    '%s gives each job the answer it gets alone',
    async name => {
      await using device = await create()
      const directory = fileURLToPath(new URL(`../../test/fixtures/models/${name}/`, import.meta.url))
      const model = await loadModel(directory, device, {
        storage: device.activationType,
        kvType: device.activationType,
        blocks: ROOMY.blocks,
        maxTokens: ROOMY.tokenBudget,
        maxLogitRows: ROOMY.maxSequences,
      })
      // As the engine does: a card then replays its steps of decoding.
      await model.prepare(ROOMY.maxSequences)
      device.seal()
      const runner = new ModelRunner(model)
      let preemptions = 0
      let cached = 0
      let held = 0
      await fc.assert(
        fc.asyncProperty(tightWorlds, crowds, async (world, plan) => {
          const stats = await playSchedule(world, plan, runner, letterVocabulary(), depth)
          preemptions += stats.preemptions
          cached += stats.cachedTokens
          held += stats.held
        }),
        runs,
      )
      expect(preemptions).toBeGreaterThan(0)
      expect(cached).toBeGreaterThan(0)
      expect(held).toBeGreaterThan(0)
    },
    120_000,
  )
})
