import type { CudaContext, DevicePointer, Stream } from '../../../../cuda/index.ts'
import { BLOCK_SIZE, type StepInputs, type StepLimits } from '../../device.ts'
import type { CudaMemory } from '../memory/memory.ts'
import { type StepCapacity, StepRoom, stepRoomBytes } from './step-room.ts'

/** Rows in a step, at most: what a step has drawn lies in one place for all who come after it. */
const MAX_DRAWN = 4096

/** What {@link StepRooms} that are reserved for `limits` take of the card. */
export function stepRoomsBytes(limits: StepLimits): number {
  const { any, decode } = capacities(limits)
  return MAX_DRAWN * 4 + stepRoomBytes(any) + stepRoomBytes(decode)
}

function capacities({ tokens, sequences, logitRows, contextLength }: StepLimits) {
  const maxBlocks = Math.ceil(contextLength / BLOCK_SIZE)
  const any: StepCapacity = { tokens, sequences, logitRows, maxBlocks }
  return { any, decode: { ...any, tokens: sequences } }
}

/** Room for steps: one for any, one for decode steps, whose inputs are few and are sent again and again. */
export class StepRooms {
  #eager: StepRoom | undefined
  #decode: StepRoom | undefined
  readonly #drawn: DevicePointer

  constructor(
    private readonly context: CudaContext,
    private readonly stream: Stream,
    private readonly memory: CudaMemory,
  ) {
    this.#drawn = memory.take(MAX_DRAWN * 4, 'workspace')
  }

  /** Takes room for all steps within `limits`. */
  reserve(limits: StepLimits): void {
    const { any, decode } = capacities(limits)
    this.#eager = this.#make(any)
    this.#decode = this.#make(decode)
  }

  /**
   * Room that holds `step`; grown where nothing was reserved yet.
   *
   * @throws RangeError when the step is larger than what was reserved.
   */
  eager(step: StepInputs): StepRoom {
    if (this.#eager?.holds(step)) return this.#eager
    const has = this.#eager?.capacity ?? { tokens: 1, sequences: 1, logitRows: 1, maxBlocks: 1 }
    this.#eager = this.#make({
      tokens: Math.max(has.tokens, step.tokens.length),
      sequences: Math.max(has.sequences, step.contextLengths.length),
      logitRows: Math.max(has.logitRows, step.logitRows.length),
      maxBlocks: Math.max(has.maxBlocks, step.maxBlocks),
    })
    return this.#eager
  }

  /** Room with `rows` rows, for what needs no inputs of a step but what the last one drew. */
  anyFor(rows: number): StepRoom {
    if (this.#eager !== undefined && this.#eager.capacity.logitRows >= rows) return this.#eager
    const has = this.#eager?.capacity ?? { tokens: 1, sequences: 1, logitRows: 1, maxBlocks: 1 }
    this.#eager = this.#make({ ...has, logitRows: rows })
    return this.#eager
  }

  /** Room for a token of each sequence. */
  get decode(): StepRoom {
    if (this.#decode === undefined) throw new RangeError('prepare() comes before the first decode step')
    return this.#decode
  }

  #make(capacity: StepCapacity): StepRoom {
    if (capacity.logitRows > MAX_DRAWN) {
      throw new RangeError(`a step draws at most ${MAX_DRAWN} tokens, not ${capacity.logitRows}: lower --max-sequences`)
    }
    return new StepRoom(this.context, this.stream, this.memory, capacity, this.#drawn)
  }
}
