import type { Capacity, Place } from '../request.ts'
import type { EventQueue } from './event-queue.ts'

export interface SimulatedEngineOptions {
  readonly slots: number
  /** Milliseconds of a step: so many… */
  readonly stepMs: number
  /** …and so many more for each sequence in it… */
  readonly perSequenceMs: number
  /** …and for each token of prompts. */
  readonly perPromptTokenMs: number
  /** Tokens of prompts in one step. */
  readonly promptBudget: number
  readonly kvTokens: number
}

export const USUAL_ENGINE: SimulatedEngineOptions = {
  slots: 32,
  stepMs: 8,
  perSequenceMs: 0.15,
  perPromptTokenMs: 0.01,
  promptBudget: 512,
  kvTokens: Number.POSITIVE_INFINITY,
}

export interface Job {
  readonly place: Place
  readonly promptTokens: number
  readonly sequences: number
  /** Tokens that each sequence generates, at least 1. */
  readonly outputTokens: number
  readonly done: () => void
}

interface Running {
  readonly job: Job
  promptLeft: number
  generated: number
}

/** Continuous batching as an engine does it, in steps of simulated time; computes nothing. */
export class SimulatedEngine {
  readonly #waiting: Job[] = []
  readonly #running = new Set<Running>()
  #slotsUsed = 0
  #kvUsed = 0
  #isStepping = false

  constructor(
    private readonly time: EventQueue,
    private readonly options: SimulatedEngineOptions = USUAL_ENGINE,
  ) {}

  /** Requests that were let in before there was a slot for them. */
  get waiting(): number {
    return this.#waiting.length
  }

  capacity(): Capacity {
    return { sequences: this.options.slots, kvTokensFree: this.options.kvTokens - this.#kvUsed }
  }

  add(job: Job): void {
    this.#waiting.push(job)
    if (!this.#isStepping) this.#step()
  }

  #step(): void {
    this.#admit()
    this.#isStepping = this.#running.size > 0
    if (!this.#isStepping) return
    const { stepMs, perSequenceMs, perPromptTokenMs, promptBudget } = this.options
    let budget = promptBudget
    const sampling: Running[] = []
    for (const running of this.#running) {
      const chunk = Math.min(running.promptLeft, budget)
      budget -= chunk
      running.promptLeft -= chunk
      if (running.promptLeft === 0) sampling.push(running)
    }
    const ms = stepMs + perSequenceMs * sampling.length + perPromptTokenMs * (promptBudget - budget)
    this.time.after(ms, () => {
      for (const running of sampling) this.#sample(running)
      this.#step()
    })
  }

  #admit(): void {
    const { slots, kvTokens } = this.options
    for (let job = this.#waiting[0]; job !== undefined; job = this.#waiting[0]) {
      const tokens = kvOf(job)
      if (this.#running.size > 0 && (this.#slotsUsed + job.sequences > slots || this.#kvUsed + tokens > kvTokens))
        return
      this.#waiting.shift()
      this.#slotsUsed += job.sequences
      this.#kvUsed += tokens
      this.#running.add({ job, promptLeft: job.promptTokens, generated: 0 })
    }
  }

  #sample(running: Running): void {
    const { job } = running
    if (running.generated === 0) job.place.started(0)
    running.generated++
    job.place.generated(job.sequences)
    if (running.generated < job.outputTokens) return
    this.#running.delete(running)
    this.#slotsUsed -= job.sequences
    this.#kvUsed -= kvOf(job)
    job.place.leave('completed')
    job.done()
  }
}

/** All that it will ever need, so that nothing has to be preempted. */
function kvOf({ promptTokens, outputTokens, sequences }: Job): number {
  return promptTokens + outputTokens * sequences
}
