import type { ExecutableGraph, Stream } from '../../../../cuda/index.ts'
import type { StepInputs, StepLimits } from '../../device.ts'
import type { DeviceOperation } from '../operations/operation.ts'
import { contextSizes, decodeSizes } from './step-sizes.ts'

export interface DecodeGraph {
  /** Sequences, the step's and padding. */
  readonly size: number
  readonly operations: readonly DeviceOperation[]
  readonly executable: ExecutableGraph
}

/** Decode steps of every size and context, recorded at load. */
export class DecodeGraphs implements Disposable {
  readonly #sizes: readonly number[]
  readonly #contexts: readonly number[]
  readonly #graphs = new Map<number, DecodeGraph>()

  constructor(
    stream: Stream,
    { sequences, contextLength }: StepLimits,
    /** The launches of a step of `size` sequences, none of which is longer than `context`. */
    operationsFor: (size: number, context: number) => readonly DeviceOperation[],
  ) {
    this.#sizes = decodeSizes(sequences)
    this.#contexts = contextSizes(contextLength)
    for (const [i, size] of this.#sizes.entries()) {
      for (const [j, context] of this.#contexts.entries()) {
        const operations = operationsFor(size, context)
        using graph = stream.capture(() => {
          for (const operation of operations) operation.enqueue(stream)
        })
        this.#graphs.set(this.#key(i, j), { size, operations, executable: graph.instantiate() })
      }
    }
  }

  get count(): number {
    return this.#graphs.size
  }

  /** The graph for a decode step; undefined where none is large enough. */
  find({ contextLengths }: StepInputs): DecodeGraph | undefined {
    let longest = 0
    for (const length of contextLengths) if (length > longest) longest = length
    const size = this.#sizes.findIndex(each => each >= contextLengths.length)
    const context = this.#contexts.findIndex(each => each >= longest)
    return size < 0 || context < 0 ? undefined : this.#graphs.get(this.#key(size, context))
  }

  [Symbol.dispose](): void {
    for (const { executable } of this.#graphs.values()) executable[Symbol.dispose]()
    this.#graphs.clear()
  }

  #key(size: number, context: number): number {
    return size * this.#contexts.length + context
  }
}
