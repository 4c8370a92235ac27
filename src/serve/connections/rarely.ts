import type { Clock } from '../../clock/index.ts'

const PERIOD_MS = 60_000

/** Tells of what may happen a thousand times a second: at once, and then once a minute how often it did. */
export class Rarely {
  #count = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly clock: Clock,
    private readonly tell: (times: number) => void,
  ) {}

  add(): void {
    this.#count++
    const now = this.clock.now()
    if (now < this.#toldAt + PERIOD_MS) return
    this.tell(this.#count)
    this.#count = 0
    this.#toldAt = now
  }
}
