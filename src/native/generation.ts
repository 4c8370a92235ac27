import type { DoneEvent, Event } from '../engine/index.ts'
import type { Choice } from './choice.ts'
import type { Job } from './job.ts'

/** One request in the making: its answers, when what happened, and the events that tell of it. */
export class Generation {
  /** Grows to `n`: the answers after the first begin when the prompt has been processed, and share its blocks. */
  readonly choices: Choice[] = []
  /** Its reader does not read; so it is with answers that begin later. */
  paused = false
  #scheduledAt: number | undefined
  #firstTokenAt: number | undefined
  #lastTokenAt: number | undefined

  constructor(
    readonly job: Job,
    /** Milliseconds, monotonic; as are all times here. */
    private readonly arrivedAt: number,
  ) {}

  get started(): boolean {
    return this.#firstTokenAt !== undefined
  }

  get finished(): boolean {
    return this.choices.length === this.job.sampling.n && this.choices.every(choice => choice.end !== undefined)
  }

  get cachedTokens(): number {
    return this.choices[0]?.sequence.cachedAtStart ?? 0
  }

  /** A step works on the request. */
  scheduled(now: number): void {
    this.#scheduledAt ??= now
  }

  /** A step drew a token of it; the event is the first one's. */
  drew(now: number): Event | undefined {
    this.#lastTokenAt = now
    if (this.#firstTokenAt !== undefined) return undefined
    this.#firstTokenAt = now
    return { type: 'start', promptTokens: this.job.prompt.length, cachedTokens: this.cachedTokens }
  }

  done(): DoneEvent {
    const choices = this.choices.map(choice => choice.end!)
    const scheduledAt = this.#scheduledAt ?? this.arrivedAt
    const firstTokenAt = this.#firstTokenAt ?? scheduledAt
    return {
      type: 'done',
      choices,
      usage: {
        promptTokens: this.job.prompt.length,
        cachedTokens: this.cachedTokens,
        completionTokens: choices.reduce((sum, choice) => sum + choice.completionTokens, 0),
      },
      timings: {
        queuedMs: scheduledAt - this.arrivedAt,
        prefillMs: firstTokenAt - scheduledAt,
        decodeMs: (this.#lastTokenAt ?? firstTokenAt) - firstTokenAt,
      },
    }
  }
}
