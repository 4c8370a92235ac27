import type { EngineStats, Event } from '../engine/index.ts'
import { Choice, type Vocabulary } from './choice.ts'
import { Generation } from './generation.ts'
import type { Job } from './job.ts'
import type { RowSampling, SampledRow } from './sampling/row.ts'
import { NONE } from './sampling/sample-row.ts'
import type { Scheduler, StepPlan } from './scheduler.ts'
import { Sequence } from './sequence.ts'

/** Runs one step's plan on a device; answers with one row for each entry that samples, in order. */
export interface StepRunner {
  run(plan: StepPlan, rows: readonly RowSampling[]): Promise<readonly SampledRow[]>
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
  /** Processed in this step; 0 when there was nothing to do. */
  readonly tokens: number
  /** From before the plan was made to when all outcomes were there. */
  readonly ms: number
}

export interface LoopOptions {
  readonly scheduler: Scheduler
  readonly runner: StepRunner
  readonly vocabulary: Vocabulary
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

const NOTHING_DONE: StepResult = { outcomes: [], tokens: 0, ms: 0 }

/**
 * The engine's loop without its thread: jobs go in between steps, outcomes come out of each step. Every job ends in
 * exactly one `done` or one failure, unless it is aborted, which is silent.
 */
export class EngineLoop {
  readonly #generations = new Map<number, Generation>()
  readonly #owners = new Map<Sequence, { readonly generation: Generation; readonly choice: Choice }>()
  /** Somebody was paused or goes on, and no step has told of it. */
  #flowed = false
  #arrivals = 0
  #requests = 0
  #steps = 0
  #promptTokens = 0
  #cachedTokens = 0
  #generatedTokens = 0

  constructor(private readonly options: LoopOptions) {}

  /** Nothing to do, and nothing to tell, until somebody calls. */
  get idle(): boolean {
    return !this.#flowed && this.options.scheduler.idle
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

  /** Holds the job up, from the next step on, or lets it go on; one that has ended is of no interest. */
  pause(id: number, paused: boolean): void {
    const generation = this.#generations.get(id)
    if (generation === undefined) return
    generation.paused = paused
    for (const { sequence } of generation.choices) sequence.paused = paused
    this.#flowed = true
  }

  /** One step: plans, runs, and tells what came of it. */
  async step(): Promise<StepResult> {
    const { scheduler, runner, now } = this.options
    const startedAt = now()
    this.#flowed = false
    const plan = scheduler.plan()
    if (plan.length === 0) return NOTHING_DONE
    for (const { sequence } of plan) this.#owners.get(sequence)!.generation.scheduled(startedAt)
    const drawing = plan.filter(entry => entry.samples).map(entry => this.#owners.get(entry.sequence)!)
    const rows = await runner.run(
      plan,
      drawing.map(({ choice }) => choice.row()),
    )
    scheduler.commit(plan)
    this.#steps++
    const drawnAt = now()
    const outcomes = drawing.flatMap(({ generation, choice }, i) => this.#accept(generation, choice, rows[i]!, drawnAt))
    return { outcomes, tokens: plan.reduce((sum, { count }) => sum + count, 0), ms: now() - startedAt }
  }

  /** Ends all jobs with one failure: the step could not be run. */
  failAll(failure: Failure): readonly Outcome[] {
    return [...this.#generations.values()].map(generation => this.#fail(generation, failure))
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

  #addChoice(generation: Generation): void {
    const { job } = generation
    const sequence = new Sequence(job.prompt, job.priority, this.#arrivals++, job.cacheSalt)
    sequence.paused = generation.paused
    const choice = new Choice(generation.choices.length, sequence, job, this.options.vocabulary)
    generation.choices.push(choice)
    this.#owners.set(sequence, { generation, choice })
    this.options.scheduler.add(sequence)
  }

  #accept(generation: Generation, choice: Choice, row: SampledRow, now: number): Outcome[] {
    // Aborted while the step ran, or failed by another answer to the same request.
    if (!this.#generations.has(generation.job.id)) return []
    if (row.id === NONE) {
      return [this.#fail(generation, { message: 'the model gave no finite logit for this request' })]
    }
    const job = generation.job.id
    const first = !generation.started
    const before = choice.sequence.outputLength
    const events: (Event | undefined)[] = [generation.drew(now), choice.accept(row)]
    if (first) this.#begun(generation)
    if (choice.end !== undefined) this.#retire(choice)
    this.#generatedTokens += choice.sequence.outputLength - before
    if (generation.finished) {
      events.push(generation.done())
      this.#generations.delete(job)
    }
    return events.flatMap(event => (event === undefined ? [] : [{ job, event }]))
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
