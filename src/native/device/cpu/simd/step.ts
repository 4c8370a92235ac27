import type { StepInputs } from '../../device.ts'
import type { Arena } from './arena.ts'
import { Scratch } from './scratch.ts'

/** The current step's inputs, where the kernels find them. */
export class Step {
  /** Addresses: `[count]` each, but the tables' `[sequences, maxBlocks]`. */
  tokens = 0
  positions = 0
  slots = 0
  sequences = 0
  tables = 0
  count = 0
  maxBlocks = 0
  /** Σ over tokens of the positions up to their own. */
  seen = 0
  logitRows: Int32Array = new Int32Array()
  readonly #room: Scratch

  constructor(private readonly arena: Arena) {
    this.#room = new Scratch(arena)
  }

  /** Takes the memory that `tokens` tokens need, their block tables aside. */
  reserve(tokens: number): void {
    this.#room.of(tokens * 4 * 8)
  }

  begin(inputs: StepInputs): void {
    const { tokens, positions, slots, queryStarts, blockTables } = inputs
    const count = tokens.length
    const room = this.#room.of((4 * count + blockTables.length) * 4)
    this.tokens = room
    this.positions = room + count * 4
    this.slots = room + count * 8
    this.sequences = room + count * 12
    this.tables = room + count * 16
    this.count = count
    this.maxBlocks = inputs.maxBlocks
    this.logitRows = inputs.logitRows

    const { ints } = this.arena
    ints.set(tokens, room / 4)
    ints.set(positions, room / 4 + count)
    ints.set(slots, room / 4 + 2 * count)
    ints.set(blockTables, room / 4 + 4 * count)
    const sequences = room / 4 + 3 * count
    for (let s = 0; s + 1 < queryStarts.length; s++) {
      ints.fill(s, sequences + queryStarts[s]!, sequences + queryStarts[s + 1]!)
    }
    this.seen = 0
    for (let t = 0; t < count; t++) this.seen += positions[t]! + 1
  }
}
