import type { Clock } from '../clock/index.ts'
import { Heap } from './heap.ts'
import type { Visit } from './visit.ts'

/** Calls when a waiting request's deadline has passed; one alarm for all. */
export class Deadlines {
  readonly #heap = new Heap<Visit>()
  #alarm: { time: number; cancel: () => void } | undefined

  constructor(
    private readonly clock: Clock,
    /** Must {@link remove} it. */
    private readonly passed: (visit: Visit) => void,
  ) {}

  add(visit: Visit, time: number): void {
    this.#heap.put(visit.wait!.deadline, time)
    this.#arm()
  }

  remove(visit: Visit): void {
    if (this.#heap.remove(visit.wait!.deadline)) this.#arm()
  }

  #arm(): void {
    const time = this.#heap.firstKey
    if (time === this.#alarm?.time) return
    this.#alarm?.cancel()
    this.#alarm =
      time < Number.POSITIVE_INFINITY ? { time, cancel: this.clock.at(time, () => this.#ring()) } : undefined
  }

  #ring(): void {
    this.#alarm = undefined
    const now = this.clock.now()
    while (this.#heap.firstKey <= now) this.passed(this.#heap.first!)
  }
}
