import { type Clock, machineMs } from '../../clock/index.ts'

/** Time since a run's start, which lies `startMs` on the clock that it is told by. */
export class RunClock implements Clock {
  constructor(
    private readonly clock: Clock,
    private readonly startMs: number,
  ) {}

  /** @param startMs As {@link machineMs} has it. */
  static ofMachine(clock: Clock, startMs: number): RunClock {
    return new RunClock(clock, startMs - machineMs() + clock.now())
  }

  now(): number {
    return this.clock.now() - this.startMs
  }

  at(time: number, run: () => void): () => void {
    return this.clock.at(time + this.startMs, run)
  }
}
