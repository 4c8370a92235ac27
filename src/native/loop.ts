import type { EngineStats, Event } from '../engine/index.ts'
import { Choice, type Vocabulary } from './choice.ts'
import type { PendingRows } from './device/device.ts'
import { DeviceLostError } from './device/device-lost.ts'
import { Generation } from './generation.ts'
import type { Job } from './job.ts'
import { inPhase, throughPhase } from './phases.ts'
import type { RowSampling, SampledRow } from './sampling/row.ts'
import { NONE } from './sampling/sample-row.ts'
import type { Scheduler, StepPlan } from './scheduler.ts'
import { Sequence } from './sequence.ts'

/** Enqueues one step's plan on a device, with one row for each entry that samples, in order; reads both at once. */
export interface StepRunner {
  run(plan: StepPlan, rows: readonly RowSampling[]): PendingRows
}

/** A fault of the engine's own; requests were checked before they came here. */
export interface Failure {
  readonly message: string
}

/** What became of a request in a step: an event of the contract, or its end by failure. */
export type Outcome =
  | { readonly job: number; readonly event: Event }
  | { readonly job: number; readonly failure: Failure }

export interface StepResult {
  readonly outcomes: readonly Outcome[]
  /** Processed in the step that was taken; 0 when there was nothing to do. */
  readonly tokens: number
  /** From the outcomes of the step before, or from before this one was planned where that is later, to its outcomes. */
  readonly ms: number
  /** Of the call's time, what was not spent waiting for the device. */
  readonly hostMs: number
}

export interface LoopOptions {
  readonly scheduler: Scheduler
  readonly runner: StepRunner
  readonly vocabulary: Vocabulary
  /** Steps in flight: with 2, a step is enqueued before the tokens of the one before are known. Default 1. */
  readonly depth?: 1 | 2
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

/** Whose sequence it is. */
interface Owner {
  readonly generation: Generation
  readonly choice: Choice
}

/** A step that is enqueued and not taken. */
interface StepInFlight {
  readonly plan: StepPlan
  readonly tokens: number
  /** One for each row that is drawn. */
  readonly drawing: readonly Owner[]
  readonly pending: PendingRows
  readonly startedAt: number
}

const NOTHING_DONE: StepResult = { outcomes: [], tokens: 0, ms: 0, hostMs: 0 }

/**
 * The engine's loop without its thread: jobs go in between steps, outcomes come out of each step. Every job ends in
 * exactly one `done` or one failure, unless it is aborted, which is silent.
 *
 * With two steps in flight, the host plans a step while the device computes the one before. What a sequence drew there
 * is not known yet, so it may turn out to have ended: its part of the later step is then computed for nobody.
 */
export class EngineLoop {
  readonly #generations = new Map<number, Generation>()
  readonly #owners = new Map<Sequence, Owner>()
  /** The oldest first; at most `depth`. */
  readonly #inFlight: StepInFlight[] = []
  readonly #depth: 1 | 2
  /** When the outcomes of the last step were there. */
  #toldAt = Number.NEGATIVE_INFINITY
  /** Somebody was paused or goes on, and no step has told of it. */
  #flowed = false
  #arrivals = 0
  #requests = 0
  #steps = 0
  #promptTokens = 0
  #cachedTokens = 0
  #generatedTokens = 0

  constructor(private readonly options: LoopOptions) {
    this.#depth = options.depth ?? 1
  }

  /** Nothing to do, and nothing to tell, until somebody calls. */
  get idle(): boolean {
    return !this.#flowed && this.#inFlight.length === 0 && this.options.scheduler.idle
  }

  submit(job: Job): void {
    const generation = new Generation(job, this.options.now())
    this.#generations.set(job.id, generation)
    this.#requests++
    this.#addChoice(generation)
  }

  /** The job's blocks are free again after the next step. */
  abort(id: number): void {
    const generation = this.#generations.get(id)
    if (generation !== undefined) this.#drop(generation)
  }

  /**
   * Holds the job up, from the next step that is planned on, or lets it go on; one that has ended is of no interest.
   * What is in flight is still told.
   */
  pause(id: number, paused: boolean): void {
    const generation = this.#generations.get(id)
    if (generation === undefined) return
    generation.paused = paused
    for (const { sequence } of generation.choices) sequence.paused = paused
    this.#flowed = true
  }

  /**
   * Enqueues what there is to do, takes the oldest step in flight, and tells what came of it. A step that cannot be run
   * fails its requests, and no others.
   *
   * @throws DeviceLostError when no step can be run any more.
   */
  async step(): Promise<StepResult> {
    const { scheduler, now } = this.options
    const startedAt = now()
    const outcomes: Outcome[] = []
    this.#flowed = false
    while (this.#inFlight.length < this.#depth) {
      const plan = inPhase('plan', () => scheduler.plan())
      if (plan.length === 0) break
      inPhase('enqueue', () => this.#enqueue(plan, startedAt, outcomes))
    }
    const step = this.#inFlight.shift()
    if (step === undefined) return outcomes.length === 0 ? NOTHING_DONE : { ...NOTHING_DONE, outcomes }

    const waitsFrom = now()
    const rows = await throughPhase('take', () => this.#take(step, outcomes))
    const drawnAt = now()
    if (rows !== undefined) {
      scheduler.complete(step.plan)
      this.#steps++
      inPhase('tell', () => {
        for (let i = 0; i < rows.length; i++) this.#accept(step.drawing[i]!, rows[i]!, drawnAt, outcomes)
      })
    }
    const toldAt = now()
    const ms = toldAt - Math.max(step.startedAt, this.#toldAt)
    this.#toldAt = toldAt
    return { outcomes, tokens: step.tokens, ms, hostMs: waitsFrom - startedAt + (toldAt - drawnAt) }
  }

  stats(): EngineStats {
    const { scheduler } = this.options
    const { cache } = scheduler
    return {
      running: scheduler.running,
      waiting: scheduler.waiting,
      paused: scheduler.paused,
      kvBlocksTotal: cache.blocks,
      kvBlocksUsed: cache.blocks - cache.free,
      requests: this.#requests,
      steps: this.#steps,
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      generatedTokens: this.#generatedTokens,
      preemptions: scheduler.preemptions,
    }
  }

  #enqueue(plan: StepPlan, startedAt: number, outcomes: Outcome[]): void {
    const drawing: Owner[] = []
    const rows: RowSampling[] = []
    let tokens = 0
    for (const { sequence, count, samples } of plan) {
      const owner = this.#owners.get(sequence)!
      owner.generation.scheduled(startedAt)
      tokens += count
      if (!samples) continue
      drawing.push(owner)
      rows.push(owner.choice.row())
    }
    try {
      const pending = this.options.runner.run(plan, rows)
      this.options.scheduler.commit(plan)
      this.#inFlight.push({ plan, tokens, drawing, pending, startedAt })
    } catch (error) {
      this.#failStep(plan, error, outcomes)
    }
  }

  async #take(step: StepInFlight, outcomes: Outcome[]): Promise<readonly SampledRow[] | undefined> {
    try {
      return await step.pending.take()
    } catch (error) {
      this.#failStep(step.plan, error, outcomes)
      return undefined
    }
  }

  #addChoice(generation: Generation): void {
    const { job } = generation
    const { prompt, priority, cacheSalt, sampling } = job
    const maxLength = prompt.length + sampling.maxTokens
    const sequence = new Sequence(prompt, priority, this.#arrivals++, cacheSalt, maxLength)
    sequence.paused = generation.paused
    const choice = new Choice(generation.choices.length, sequence, job, this.options.vocabulary)
    generation.choices.push(choice)
    this.#owners.set(sequence, { generation, choice })
    this.options.scheduler.add(sequence)
  }

  #accept({ generation, choice }: Owner, row: SampledRow, now: number, outcomes: Outcome[]): void {
    const job = generation.job.id
    // Aborted while the step ran, or failed by another answer to the same request; or the step before was its last.
    if (!this.#generations.has(job) || choice.end !== undefined) return
    if (row.id === NONE) {
      outcomes.push(this.#fail(generation, { message: 'the model gave no finite logit for this request' }))
      return
    }
    const first = !generation.started
    const before = choice.sequence.outputLength
    const start = generation.drew(now)
    if (start !== undefined) outcomes.push({ job, event: start })
    const tokens = choice.accept(row)
    if (tokens !== undefined) outcomes.push({ job, event: tokens })
    if (first) this.#begun(generation)
    if (choice.end !== undefined) this.#retire(choice)
    this.#generatedTokens += choice.sequence.outputLength - before
    if (choice.end !== undefined && generation.finished) {
      outcomes.push({ job, event: generation.done() })
      this.#generations.delete(job)
    }
  }

  /** The prompt has been processed: counts it, and begins the other answers, which find it in the prefix cache. */
  #begun(generation: Generation): void {
    this.#promptTokens += generation.job.prompt.length
    this.#cachedTokens += generation.cachedTokens
    while (generation.choices.length < generation.job.sampling.n) this.#addChoice(generation)
  }

  #retire(choice: Choice): void {
    this.options.scheduler.finish(choice.sequence)
    this.#owners.delete(choice.sequence)
  }

  /** The step could not be run: its requests end here. */
  #failStep(plan: StepPlan, error: unknown, outcomes: Outcome[]): void {
    if (error instanceof DeviceLostError) throw error
    const message = `the step failed: ${error instanceof Error ? error.message : String(error)}`
    for (const { sequence } of plan) {
      const owner = this.#owners.get(sequence)
      if (owner !== undefined) outcomes.push(this.#fail(owner.generation, { message }))
    }
  }

  #fail(generation: Generation, failure: Failure): Outcome {
    this.#drop(generation)
    return { job: generation.job.id, failure }
  }

  #drop(generation: Generation): void {
    this.#generations.delete(generation.job.id)
    for (const { sequence, end } of generation.choices) {
      if (end === undefined) this.options.scheduler.cancel(sequence)
      this.#owners.delete(sequence)
    }
  }
}
