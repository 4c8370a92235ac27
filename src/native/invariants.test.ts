import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCpuDevice, createReferenceDevice } from './device/cpu/index.ts'
import type { Device } from './device/device.ts'
import { loadModel } from './model/load-model.ts'
import { ModelRunner } from './runner.ts'
import { letterVocabulary } from './testing/letters.ts'
import { crowds, playSchedule, ROOMY, tightWorlds } from './testing/schedules.ts'

/** Schedules for each pair: each is replayed job by job, so this is where the time goes. */
const RUNS = 12

const devices: readonly [name: string, create: () => Promise<Device>][] = [
  ['reference', async () => createReferenceDevice()],
  ['SIMD on two threads', () => createCpuDevice({ threads: 2 })],
]

/** Full attention; sliding windows; alternating windows with norms of every kind. */
const models = ['llama3', 'mistral', 'gemma3']

const modes = devices.flatMap(([name, create]) => ([1, 2] as const).map(depth => [name, depth, create] as const))

describe.each(modes)('on the %s device, %i in flight', (_, depth, create) => {
  // Paged = contiguous, chunked = whole, prefix-cached = uncached, batched = alone, preempted = uninterrupted:
  // ahead = in turn: tokens, texts and log-probabilities are equal, bit for bit, whatever the schedule.
  it.each(models)(
    '%s gives each job the answer it gets alone',
    async name => {
      await using device = await create()
      const directory = fileURLToPath(new URL(`../../test/fixtures/models/${name}/`, import.meta.url))
      const model = await loadModel(directory, device, {
        storage: 'f32',
        blocks: ROOMY.blocks,
        maxTokens: ROOMY.tokenBudget,
        maxLogitRows: ROOMY.maxSequences,
      })
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
        // A fixed seed: these few runs are to be rough ones, every time.
        { numRuns: RUNS, seed: 20 },
      )
      expect(preemptions).toBeGreaterThan(0)
      expect(cached).toBeGreaterThan(0)
      expect(held).toBeGreaterThan(0)
    },
    120_000,
  )
})
