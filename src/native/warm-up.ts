import { BLOCK_SIZE, type Device, type StepInputs } from './device/device.ts'
import { blocksFor } from './kv/kv-cache.ts'
import type { Model } from './model/model.ts'
import type { StepBounds } from './options.ts'

/**
 * Shows the device the widest step and runs the longest: what it takes, compiles or refuses at first sight happens
 * while loading, and none of it while serving. Leaves one key and value behind, in a slot that nobody has claimed.
 */
export function warmUp(model: Model, device: Device, { tokenBudget, maxSequences }: StepBounds): void {
  const maxBlocks = blocksFor(model.contextLength)
  device.begin(inputs(tokenBudget, Math.min(tokenBudget, maxSequences), maxBlocks, 0))
  model.forward(inputs(1, 1, maxBlocks, model.contextLength - 1))
}

/** A step of `tokens` tokens at `position`, the first sequences having one each; every block is block 0. */
function inputs(tokens: number, sequences: number, maxBlocks: number, position: number): StepInputs {
  return {
    tokens: new Int32Array(tokens),
    positions: new Int32Array(tokens).fill(position),
    slots: new Int32Array(tokens).fill(position % BLOCK_SIZE),
    queryStarts: Int32Array.from({ length: sequences + 1 }, (_, s) => (s < sequences ? s : tokens)),
    contextLengths: new Int32Array(sequences).fill(position + 1),
    blockTables: new Int32Array(sequences * maxBlocks),
    maxBlocks,
    logitRows: Int32Array.of(0),
  }
}
