import { BLOCK_SIZE, type StepInputs } from './device/device.ts'
import type { StepPlan } from './scheduler.ts'

/** An array that is written anew every step, and taken anew only when it has become too small. */
class Reused {
  #all = new Int32Array(64)
  #view = this.#all.subarray(0, 0)

  /** The first `length` elements; what they held last time is still in them. */
  of(length: number): Int32Array {
    if (this.#view.length === length) return this.#view
    if (length > this.#all.length) this.#all = new Int32Array(Math.max(length, 2 * this.#all.length))
    this.#view = this.#all.subarray(0, length)
    return this.#view
  }
}

/** Room for one step's inputs. Steps take turns with several where more than one is in flight. */
export class InputRoom {
  readonly tokens = new Reused()
  readonly positions = new Reused()
  readonly slots = new Reused()
  readonly queryStarts = new Reused()
  readonly contextLengths = new Reused()
  readonly blockTables = new Reused()
  readonly logitRows = new Reused()
}

/**
 * Lays a plan out for a device: see {@link StepInputs} for the shapes. The arrays are the room's, and good until it is
 * used again.
 */
export function stepInputs(plan: StepPlan, room = new InputRoom()): StepInputs {
  let [total, drawing, maxBlocks] = [0, 0, 1]
  for (const { sequence, count, samples } of plan) {
    total += count
    if (samples) drawing++
    if (sequence.blocks.length > maxBlocks) maxBlocks = sequence.blocks.length
  }
  const tokens = room.tokens.of(total)
  const positions = room.positions.of(total)
  const slots = room.slots.of(total)
  const queryStarts = room.queryStarts.of(plan.length + 1)
  const contextLengths = room.contextLengths.of(plan.length)
  const blockTables = room.blockTables.of(plan.length * maxBlocks)
  const logitRows = room.logitRows.of(drawing)

  let [at, row, draw] = [0, 0, 0]
  queryStarts[0] = 0
  for (const { sequence, start, count, samples } of plan) {
    const { blocks, drawnBy } = sequence
    const known = sequence.tokens
    const end = start + count
    for (let position = start; position < end; position++, at++) {
      tokens[at] = position < known.length ? known[position]! : -1 - drawnBy
      positions[at] = position
      slots[at] = blocks[Math.floor(position / BLOCK_SIZE)]! * BLOCK_SIZE + (position % BLOCK_SIZE)
    }
    for (let i = 0; i < blocks.length; i++) blockTables[row * maxBlocks + i] = blocks[i]!
    contextLengths[row] = end
    queryStarts[++row] = at
    if (samples) logitRows[draw++] = at - 1
  }
  return { tokens, positions, slots, queryStarts, contextLengths, blockTables, maxBlocks, logitRows }
}
