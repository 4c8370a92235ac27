import type { StepProgram } from '../../device.ts'
import type { StepMemory } from '../step/step-memory.ts'
import type { StepShape } from '../step/step-room.ts'
import type { CudaTensor } from '../tensor.ts'
import { LoweredProgram, type Toolbox } from './lowering.ts'
import type { Node } from './nodes.ts'

/** What a program names for so many tokens and rows. */
export interface Recording {
  readonly nodes: readonly Node[]
  readonly logits: CudaTensor
}

interface Recent {
  readonly program: StepProgram
  readonly logits: CudaTensor
  readonly lowered: LoweredProgram
}

/** Under load most steps have one of few sizes: full ones, and those of prompts that are alike. */
const KEPT = 16
/** Sizes that are remembered: only what comes again within so many others is kept, as all that is kept is work for the collector. */
const REMEMBERED = 32

/** The launches of the sizes of step that came last: to make them takes longer than to enqueue them. */
export class RecentPrograms {
  /** By size; the one that came last is last. */
  readonly #recent = new Map<number, Recent>()
  readonly #sizes = new Set<number>()

  constructor(private readonly toolbox: Toolbox) {}

  /** What `record` gives for `program` at this size, lowered; as it was, where it was lowered lately. */
  find(
    program: StepProgram,
    shape: StepShape,
    step: StepMemory,
    everyRow: boolean,
    record: () => Recording,
  ): Omit<Recent, 'program'> {
    const key = 2 * (shape.tokens * 2 ** 20 + shape.logitRows) + (everyRow ? 1 : 0)
    let found = this.#recent.get(key)
    this.#recent.delete(key)
    if (found === undefined || found.program !== program || found.lowered.step !== step) {
      const { nodes, logits } = record()
      const kind = { everyRow, spare: true }
      found = { program, logits, lowered: new LoweredProgram(this.toolbox, nodes, shape, step, kind) }
    }
    if (this.#sizes.has(key)) {
      this.#recent.set(key, found)
      dropFirst(this.#recent, KEPT)
    }
    this.#sizes.delete(key)
    this.#sizes.add(key)
    dropFirst(this.#sizes, REMEMBERED)
    return found
  }
}

function dropFirst<K>(collection: Map<K, unknown> | Set<K>, most: number): void {
  if (collection.size > most) collection.delete(collection.keys().next().value!)
}
