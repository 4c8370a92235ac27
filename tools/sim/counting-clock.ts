import type { Clock } from '../../src/clock/index.ts'

/** Knows how many alarms are set, so that a run's end shows whether any was left behind. */
export class CountingClock implements Clock {
  #set = 0

  constructor(private readonly clock: Clock) {}

  get set(): number {
    return this.#set
  }

  now(): number {
    return this.clock.now()
  }

  at(time: number, run: () => void): () => void {
    let isSet = true
    const over = () => {
      if (isSet) this.#set--
      isSet = false
    }
    this.#set++
    const cancel = this.clock.at(time, () => {
      over()
      run()
    })
    return () => {
      over()
      cancel()
    }
  }
}
