import { BLOCK_SIZE, type StepInputs } from './device/device.ts'
import type { StepPlan } from './scheduler.ts'

/** Lays a plan out for a device: see {@link StepInputs} for the shapes. */
export function stepInputs(plan: StepPlan): StepInputs {
  const total = plan.reduce((sum, { count }) => sum + count, 0)
  const maxBlocks = plan.reduce((most, { sequence }) => Math.max(most, sequence.blocks.length), 1)
  const tokens = new Int32Array(total)
  const positions = new Int32Array(total)
  const slots = new Int32Array(total)
  const queryStarts = new Int32Array(plan.length + 1)
  const contextLengths = new Int32Array(plan.length)
  const blockTables = new Int32Array(plan.length * maxBlocks)
  const logitRows: number[] = []

  let at = 0
  for (const [row, { sequence, start, count, samples }] of plan.entries()) {
    for (let position = start; position < start + count; position++, at++) {
      tokens[at] = sequence.tokens[position]!
      positions[at] = position
      slots[at] = sequence.blocks[Math.floor(position / BLOCK_SIZE)]! * BLOCK_SIZE + (position % BLOCK_SIZE)
    }
    queryStarts[row + 1] = at
    contextLengths[row] = start + count
    blockTables.set(sequence.blocks, row * maxBlocks)
    if (samples) logitRows.push(at - 1)
  }
  return {
    tokens,
    positions,
    slots,
    queryStarts,
    contextLengths,
    blockTables,
    maxBlocks,
    logitRows: Int32Array.from(logitRows),
  }
}
