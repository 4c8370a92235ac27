import type { CudaContext, CudaEvent, PinnedMemory, Stream } from '../../../../cuda/index.ts'
import type { RowSampling, SampledRow } from '../../../sampling/row.ts'
import type { DeviceOperation } from '../operations/operation.ts'
import type { CudaTensor } from '../tensor.ts'
import type { Sampler } from './sampler.ts'

/** Steps whose rows have not been taken, at most. */
const SLOTS = 2

interface Slot {
  /** What the card may still be reading. */
  readonly parameters: PinnedMemory
  /** What the card may still be writing. */
  readonly results: PinnedMemory
  readonly over: CudaEvent
}

/** The sampler's way to the card and back: each step in flight has host memory of its own. */
export class Drawing {
  readonly #slots: readonly Slot[]
  #next = 0

  constructor(
    context: CudaContext,
    readonly sampler: Sampler,
  ) {
    this.#slots = Array.from({ length: SLOTS }, () => ({
      parameters: context.allocatePinned(sampler.parameterBytes),
      results: context.allocatePinned(sampler.resultBytes),
      over: context.createEvent(),
    }))
  }

  /** Sends what `rows` ask for, with padding up to `padded` rows. */
  stage(stream: Stream, rows: readonly RowSampling[], padded: number): void {
    const { parameters } = this.#slots[this.#next]!
    const bytes = this.sampler.stage(parameters.buffer, rows, padded)
    stream.copyToDevice(this.sampler.parameters, parameters, bytes)
  }

  /** Whether so many rows of such a vocabulary can be drawn. */
  holds(rows: number, vocab: number): boolean {
    return rows <= this.sampler.maxRows && vocab === this.sampler.vocab
  }

  operations(logits: CudaTensor, rows: number): readonly DeviceOperation[] {
    return this.sampler.operations(logits, rows)
  }

  /** Sends the results back, behind all that is enqueued; what is returned waits for them. */
  collect(stream: Stream, rows: readonly RowSampling[]): () => readonly SampledRow[] {
    const { results, over } = this.#slots[this.#next]!
    this.#next = (this.#next + 1) % SLOTS
    if (rows.length > 0) stream.copyToHost(results, this.sampler.results, this.sampler.resultBytesFor(rows))
    stream.record(over)
    return () => {
      over.synchronize()
      return this.sampler.read(results.buffer, rows)
    }
  }
}
