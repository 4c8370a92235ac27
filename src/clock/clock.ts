/** Time as those see it who wait for it or measure it; a test gives its own. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number
  /** Runs once `now()` has reached `time`, never before, and soon if it has already. Returns what cancels it. */
  at(time: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  at(time, run) {
    const wait = time - performance.now()
    if (wait <= 0) {
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    }
    // Timers count whole milliseconds and cut fractions off, which would be too early.
    const timer = setTimeout(run, Math.ceil(wait))
    return () => clearTimeout(timer)
  },
}
