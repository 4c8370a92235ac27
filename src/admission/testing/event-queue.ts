import type { Clock } from '../../clock/index.ts'
import { Heap, HeapEntry } from '../heap.ts'

class Event {
  readonly entry: HeapEntry<Event> = new HeapEntry<Event>(this)
  constructor(readonly run: () => void) {}
}

/** A clock that jumps from one event to the next: for long runs of very many events. */
export class EventQueue implements Clock {
  readonly #events = new Heap<Event>()
  #now = 0
  #count = 0

  now(): number {
    return this.#now
  }

  at(time: number, run: () => void): () => void {
    const event = new Event(run)
    this.#events.put(event.entry, Math.max(time, this.#now), ++this.#count)
    return () => this.#events.remove(event.entry)
  }

  after(ms: number, run: () => void): void {
    this.at(this.#now + ms, run)
  }

  /** Lets time pass until `end`. After each event, those who waited for a promise go on. */
  async runUntil(end: number): Promise<void> {
    while (this.#events.firstKey <= end) {
      const event = this.#events.first!
      this.#now = event.entry.key
      this.#events.remove(event.entry)
      event.run()
      await null
    }
    this.#now = end
  }
}
