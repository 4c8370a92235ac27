const FREE = 0
const HELD = 1
/** Held, and somebody sleeps until it is free. */
const WANTED = 2

/** A lock that threads share: one word of a SharedArrayBuffer. After Drepper, "Futexes are tricky", mutex 2. */
export class SharedLock {
  constructor(
    private readonly words: Int32Array<SharedArrayBuffer>,
    private readonly at: number,
  ) {}

  /** Runs `body` while no other thread is in one. Not to be nested. */
  hold<T>(body: () => T): T {
    if (Atomics.compareExchange(this.words, this.at, FREE, HELD) !== FREE)
      while (Atomics.exchange(this.words, this.at, WANTED) !== FREE) Atomics.wait(this.words, this.at, WANTED)
    try {
      return body()
    } finally {
      if (Atomics.exchange(this.words, this.at, FREE) === WANTED) Atomics.notify(this.words, this.at, 1)
    }
  }
}
