import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createCpuDevice, createReferenceDevice } from './device/cpu/index.ts'
import type { Device, StepInputs } from './device/device.ts'
import { loadModel } from './model/load-model.ts'
import { warmUp } from './warm-up.ts'

const LIMITS = { tokenBudget: 40, maxSequences: 8 }
const BLOCKS = 64

const directory = fileURLToPath(new URL('../../test/fixtures/models/llama3/', import.meta.url))

async function load(device: Device) {
  return loadModel(directory, device, {
    storage: 'int8',
    blocks: BLOCKS,
    maxTokens: LIMITS.tokenBudget,
    maxLogitRows: LIMITS.maxSequences,
  })
}

/** As wide and as long as a step can be: one token of all sequences but the last, and the end of that one's context. */
function largest(context: number): StepInputs {
  const { tokenBudget: tokens, maxSequences: sequences } = LIMITS
  const maxBlocks = Math.ceil(context / 16)
  return {
    tokens: Int32Array.from({ length: tokens }, (_, i) => i),
    positions: Int32Array.from({ length: tokens }, (_, i) => (i < sequences - 1 ? 0 : context - tokens + i)),
    slots: new Int32Array(tokens),
    queryStarts: Int32Array.from({ length: sequences + 1 }, (_, s) => (s < sequences ? s : tokens)),
    contextLengths: new Int32Array(sequences).fill(context),
    blockTables: new Int32Array(sequences * maxBlocks),
    maxBlocks,
    logitRows: Int32Array.from({ length: sequences }, (_, s) => s),
  }
}

it('leaves nothing to be taken while serving', async () => {
  await using device = await createCpuDevice({ threads: 2 })
  const model = await load(device)
  warmUp(model, device, LIMITS)
  const taken = device.seal()
  model.forward(largest(model.contextLength))
  expect(device.seal()).toEqual(taken)
})

it('changes no answer', async () => {
  await using device = createReferenceDevice()
  const model = await load(device)
  const step = { ...largest(64), ...tokenAt(0) }
  const before = device.download(model.forward(step), 8)
  warmUp(model, device, LIMITS)
  expect(device.download(model.forward(step), 8)).toEqual(before)
})

/** One token of one sequence. */
function tokenAt(position: number): Partial<StepInputs> {
  return {
    tokens: Int32Array.of(5),
    positions: Int32Array.of(position),
    slots: Int32Array.of(position),
    queryStarts: Int32Array.of(0, 1),
    contextLengths: Int32Array.of(position + 1),
    logitRows: Int32Array.of(0),
  }
}
