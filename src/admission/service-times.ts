import { DecayingMean } from './decaying-mean.ts'

/** Requests that the means remember. */
const MEMORY = 64
/** What requests that were answered whole were like, for guessing at those to come. */
export class ServiceTimes {
  readonly #tokens = new DecayingMean(MEMORY)
  readonly #serviceMs = new DecayingMean(MEMORY)
  readonly #startMs = new DecayingMean(MEMORY)
  readonly #msPerToken = new DecayingMean(MEMORY)

  /** `startMs` until its prompt was processed, `serviceMs` until it was over. */
  completed(request: { promptTokens: number; sequences: number }, output: number, startMs: number, serviceMs: number) {
    const perSequence = output / request.sequences
    this.#tokens.add(request.promptTokens + output)
    this.#startMs.add(startMs)
    this.#serviceMs.add(serviceMs)
    this.#msPerToken.add((serviceMs - startMs) / Math.max(1, perSequence))
  }

  /** Milliseconds that requests were in the engine; 0 before the first. */
  get serviceMs(): number {
    return this.#serviceMs.value ?? 0
  }

  /** Milliseconds that one will be in the engine; undefined before the first was answered. */
  expectedMs(outputPerSequence: number): number | undefined {
    const startMs = this.#startMs.value
    return startMs === undefined ? undefined : startMs + this.#msPerToken.value! * outputPerSequence
  }

  /** Tokens per millisecond with `running` requests at a time, by Little's law; undefined before the first. */
  throughput(running: number): number | undefined {
    const serviceMs = this.#serviceMs.value
    return serviceMs === undefined || serviceMs === 0 ? undefined : (running * this.#tokens.value!) / serviceMs
  }
}
