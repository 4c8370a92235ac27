import type { CudaContext } from '../context.ts'
import type { CudaEvent } from '../event.ts'
import type { Stream } from '../stream.ts'

/** A few streams, so that work that does not depend on each other runs side by side. */
export class StreamPool implements Disposable {
  readonly streams: readonly Stream[]
  readonly #events = new Map<Stream, CudaEvent>()
  readonly #context: CudaContext
  #last = -1

  constructor(context: CudaContext, count = 4) {
    this.#context = context
    this.streams = Array.from({ length: count }, () => context.createStream())
  }

  /** The next stream that has nothing to do; where all have, the next one. */
  take(): Stream {
    const { length } = this.streams
    const turns = Array.from({ length }, (_, i) => (this.#last + 1 + i) % length)
    this.#last = turns.find(turn => this.streams[turn]!.done) ?? turns[0]!
    return this.streams[this.#last]!
  }

  /** What is enqueued on `to` from now on waits for what is enqueued on `from` so far. The host does not wait. */
  handOver(from: Stream, to: Stream): void {
    if (from === to) return
    let event = this.#events.get(from)
    if (event === undefined) {
      event = this.#context.createEvent({ timing: false })
      this.#events.set(from, event)
    }
    from.record(event)
    to.wait(event)
  }

  synchronize(): void {
    for (const stream of this.streams) stream.synchronize()
  }

  [Symbol.dispose](): void {
    for (const event of this.#events.values()) event[Symbol.dispose]()
    for (const stream of this.streams) stream[Symbol.dispose]()
  }
}
