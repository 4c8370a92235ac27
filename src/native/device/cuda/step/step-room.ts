import type { CudaContext, DevicePointer, PinnedMemory, Stream } from '../../../../cuda/index.ts'
import { BLOCK_SIZE, type StepInputs } from '../../device.ts'
import type { CudaMemory } from '../memory/memory.ts'
import type { StepMemory } from './step-memory.ts'

export interface StepCapacity {
  readonly tokens: number
  readonly sequences: number
  readonly logitRows: number
  /** Block ids of a sequence. */
  readonly maxBlocks: number
}

/** What a step asks of its launches, beside what lies in memory. */
export interface StepShape {
  readonly tokens: number
  readonly logitRows: number
  /** Tokens that attention takes one by one, and the most positions that one of them sees. */
  readonly singles: number
  readonly singlesContext: number
  readonly tiles: number
  /** The most positions that any token sees. */
  readonly context: number
  /** Not known of a step that is recorded before it comes. */
  readonly seen?: SeenPositions | undefined
}

/** What attention has to do, as long as no window hides anything. */
export interface SeenPositions {
  /** Positions that singles see, all together. */
  readonly singles: number
  /** The same of tokens in tiles. */
  readonly tiles: number
  /** Tokens in tiles… */
  readonly tileTokens: number
  /** …and positions of their sequences. */
  readonly tilePositions: number
}

/** Tokens that attention takes at a time where a sequence has several. */
export const QUERY_TILE = 128

/** Inputs of a step, in words of 4 bytes. */
function inputWords({ tokens, sequences, logitRows, maxBlocks }: StepCapacity): Readonly<Record<Field, number>> {
  return {
    tokens,
    positions: tokens,
    slots: tokens,
    sequences: tokens,
    logitRows,
    singles: tokens,
    tiles: 4 * (Math.ceil(tokens / QUERY_TILE) + sequences),
    blockTables: sequences * maxBlocks,
  }
}

/** What a {@link StepRoom} takes of the card. */
export function stepRoomBytes(capacity: StepCapacity): number {
  const words = Object.values(inputWords(capacity)).reduce((sum, count) => sum + Math.ceil(count / 64) * 64, 0)
  return (words + Math.ceil(capacity.tokens / 64) * 64) * 4
}

/** Steps in flight, at most: each has host memory of its own, which the card may still be reading. */
const SLOTS = 2

/**
 * Room for the inputs of one step on the card, and for those of the steps in flight on the host. Everything of a step
 * lies in one piece, its block tables last, so that one copy of what is used brings it over.
 */
export class StepRoom {
  readonly memory: StepMemory
  /** Steps that fit. */
  readonly capacity: StepCapacity
  readonly #at: DevicePointer
  readonly #host: readonly Int32Array[]
  readonly #pinned: readonly PinnedMemory[]
  readonly #offsets: Readonly<Record<Field, number>>
  #slot = 0

  constructor(
    context: CudaContext,
    stream: Stream,
    memory: CudaMemory,
    capacity: StepCapacity,
    /** What the step before drew. */
    drawn: DevicePointer,
  ) {
    this.capacity = capacity
    const { tokens, maxBlocks } = capacity
    const sizes = inputWords(capacity)
    let end = 0
    const offsets = {} as Record<Field, number>
    for (const field of FIELDS) {
      offsets[field] = end
      end += Math.ceil(sizes[field] / 64) * 64
    }
    this.#offsets = offsets
    this.#at = memory.take(end * 4, 'workspace')
    this.#pinned = Array.from({ length: SLOTS }, () => context.allocatePinned(end * 4))
    this.#host = this.#pinned.map(({ buffer }) => new Int32Array(buffer, 0, end))
    const everyToken = memory.take(tokens * 4, 'workspace')
    stream.copyToDevice(
      everyToken,
      Int32Array.from({ length: tokens }, (_, i) => i),
    )
    stream.synchronize()
    const address = (field: Field): DevicePointer => this.#at + offsets[field] * 4
    this.memory = {
      tokens: address('tokens'),
      positions: address('positions'),
      slots: address('slots'),
      sequences: address('sequences'),
      blockTables: address('blockTables'),
      maxBlocks,
      logitRows: address('logitRows'),
      singles: address('singles'),
      tiles: address('tiles'),
      everyToken,
      drawn,
    }
  }

  /** Whether a step fits. */
  holds(step: StepInputs): boolean {
    const { tokens, sequences, logitRows, maxBlocks } = this.capacity
    return (
      step.tokens.length <= tokens &&
      step.contextLengths.length <= sequences &&
      step.logitRows.length <= logitRows &&
      step.maxBlocks <= maxBlocks
    )
  }

  /** Copies the step's inputs to the card, with padding up to `tokens` tokens and `logitRows` rows. */
  stage(stream: Stream, step: StepInputs, tokens = step.tokens.length, logitRows = step.logitRows.length): StepShape {
    const host = this.#host[this.#slot]!
    const pinned = this.#pinned[this.#slot]!
    this.#slot = (this.#slot + 1) % SLOTS
    const o = this.#offsets
    const count = step.tokens.length
    const sequences = step.contextLengths.length
    host.set(step.tokens, o.tokens)
    host.set(step.positions, o.positions)
    host.set(step.slots, o.slots)
    host.set(step.logitRows, o.logitRows)
    if (tokens > count) {
      host.fill(0, o.tokens + count, o.tokens + tokens)
      host.fill(-1, o.positions + count, o.positions + tokens)
      host.fill(-1, o.slots + count, o.slots + tokens)
      host.fill(0, o.sequences + count, o.sequences + tokens)
    }
    if (logitRows > step.logitRows.length) host.fill(0, o.logitRows + step.logitRows.length, o.logitRows + logitRows)
    let singles = 0
    let singlesContext = 0
    let context = 0
    let tiles = 0
    const seen = { singles: 0, tiles: 0, tileTokens: 0, tilePositions: 0 }
    for (let s = 0; s < sequences; s++) {
      const first = step.queryStarts[s]!
      const end = step.queryStarts[s + 1]!
      const length = step.contextLengths[s]!
      if (length > context) context = length
      for (let t = first; t < end; t++) host[o.sequences + t] = s
      if (end - first === 1) {
        host[o.singles + singles++] = first
        seen.singles += length
        if (length > singlesContext) singlesContext = length
      } else {
        const queries = end - first
        seen.tiles += queries * (length - queries) + (queries * (queries + 1)) / 2
        seen.tileTokens += queries
        seen.tilePositions += length
        for (let t = first; t < end; t += QUERY_TILE) {
          const at = o.tiles + 4 * tiles++
          host[at] = t
          host[at + 1] = Math.min(QUERY_TILE, end - t)
          host[at + 2] = s
          host[at + 3] = 0
        }
      }
      const blocks = Math.ceil(length / BLOCK_SIZE)
      const from = s * step.maxBlocks
      const to = o.blockTables + s * this.capacity.maxBlocks
      for (let i = 0; i < blocks; i++) host[to + i] = step.blockTables[from + i]!
    }
    for (let t = count; t < tokens; t++) host[o.singles + singles++] = t
    const used = o.blockTables + sequences * this.capacity.maxBlocks
    stream.copyToDevice(this.#at, pinned, used * 4)
    return { tokens, logitRows, singles, singlesContext, tiles, context, seen }
  }
}

const FIELDS = ['tokens', 'positions', 'slots', 'sequences', 'logitRows', 'singles', 'tiles', 'blockTables'] as const
type Field = (typeof FIELDS)[number]
