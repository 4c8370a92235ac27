import type { Gate } from './gate.ts'
import { ServiceRate } from './service-rate.ts'
import { ServiceTimes } from './service-times.ts'

/** What can be told of the engine's pace, from what it was seen to do. */
export class Throughput {
  readonly rate = new ServiceRate()
  readonly times = new ServiceTimes()

  /** `assumed`: tokens per millisecond as long as nothing was seen. */
  constructor(
    private readonly gate: Gate,
    private readonly assumed: number,
  ) {}

  /** A request was answered. */
  completed(request: { promptTokens: number; sequences: number }, output: number, startMs: number, serviceMs: number) {
    this.times.completed(request, output, startMs, serviceMs)
    this.rate.setServiceMs(this.times.serviceMs)
  }

  /** Tokens per millisecond with enough to do; undefined before anything was answered. */
  known(now: number): number | undefined {
    // A rate of 0 says that it has not shown yet what it can do.
    return this.rate.measured(now) || this.times.throughput(this.gate.requests)
  }

  /** A guess where nothing is known. */
  perMs(now: number): number {
    return this.known(now) ?? (this.rate.soFar(now) || this.assumed)
  }
}
