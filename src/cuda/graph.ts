import type { Stream } from './stream.ts'

/** What a captured stream was asked to do. */
export class Graph implements Disposable {
  /** How many operations it has. */
  get nodes(): number {
    throw new Error('not built yet')
  }

  instantiate(): ExecutableGraph {
    throw new Error('not built yet')
  }

  [Symbol.dispose](): void {}
}

/** A graph made ready to be launched at the cost of one call. */
export class ExecutableGraph implements Disposable {
  launch(_stream: Stream): void {}

  /** Takes over the arguments and shapes of a graph of the same form; false where the form differs. */
  update(_graph: Graph): boolean {
    throw new Error('not built yet')
  }

  [Symbol.dispose](): void {}
}
