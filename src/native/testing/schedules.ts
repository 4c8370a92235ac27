import fc from 'fast-check'
import { expect } from 'vitest'
import { type Event, SAMPLING_DEFAULTS, type SamplingParams } from '../../engine/index.ts'
import type { Vocabulary } from '../choice.ts'
import type { Job } from '../job.ts'
import { KvCache } from '../kv/kv-cache.ts'
import { EngineLoop, type Outcome, type StepRunner } from '../loop.ts'
import { Scheduler } from '../scheduler.ts'

/** The room that a schedule plays in. */
export interface World {
  readonly blocks: number
  readonly tokenBudget: number
  readonly maxSequences: number
  readonly prefixCaching: boolean
}

/** So much of everything that nobody meets anybody: every prompt is one chunk, in blocks 0, 1, 2 … */
export const ROOMY: World = { blocks: 256, tokenBudget: 512, maxSequences: 64, prefixCaching: false }

export interface Arrival {
  readonly prompt: readonly number[]
  readonly sampling: SamplingParams
  readonly priority: number
  readonly atStep: number
  /** Steps after which it is aborted while a step is in flight. */
  readonly abortAfter: number | undefined
  /** Steps after which its reader stops, while a step is in flight, and how many steps later it reads on. */
  readonly pause: { readonly after: number; readonly steps: number } | undefined
  readonly cacheSalt: string
}

export function build(world: World, runner: StepRunner, vocabulary: Vocabulary, depth: 1 | 2 = 1) {
  const scheduler = new Scheduler(new KvCache(world.blocks, world.prefixCaching), world)
  let time = 0
  return { scheduler, loop: new EngineLoop({ scheduler, runner, vocabulary, depth, now: () => time++ }) }
}

export function job(
  id: number,
  prompt: readonly number[],
  sampling: SamplingParams = {},
  rest: Partial<Job> = {},
): Job {
  const resolved = { ...SAMPLING_DEFAULTS, seed: id, maxTokens: 20, ...sampling }
  return { id, prompt, priority: 0, cacheSalt: '', sampling: resolved, ...rest }
}

const STUCK = 20_000

/** All outcomes until nothing is left to do. */
export async function drain(loop: EngineLoop): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let step = 0; !loop.idle; step++) {
    outcomes.push(...(await loop.step()).outcomes)
    // A loop that never comes to rest would keep a test's own time limit from firing, too.
    expect(step).toBeLessThan(STUCK)
  }
  return outcomes
}

export function isTerminal(outcome: Outcome): boolean {
  return 'failure' in outcome || outcome.event.type === 'done'
}

/** What a job's answers are, whichever way the events were cut. */
export function answers(outcomes: readonly Outcome[], id: number) {
  const events = outcomes.flatMap(outcome => (outcome.job === id && 'event' in outcome ? [outcome.event] : []))
  const done = events.find((event): event is Event & { type: 'done' } => event.type === 'done')
  const choices = done?.choices.map((end, choice) => {
    const tokens = events.filter(
      (event): event is Event & { type: 'tokens' } => event.type === 'tokens' && event.choice === choice,
    )
    return {
      end,
      ids: tokens.flatMap(event => event.ids),
      text: tokens.map(event => event.text).join(''),
      logprobs: tokens.flatMap(event => event.logprobs ?? []),
    }
  })
  return { types: events.map(event => event.type), choices }
}

/** Prompts of three families, so that prefixes are shared; at most 94 tokens with ids 1…60. */
const prompts = fc
  .tuple(fc.constantFrom(0, 5, 16, 17, 40, 64), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 30 }))
  .map(([shared, family, own]) => [
    ...Array.from({ length: shared }, (_, i) => 1 + ((i * 7 + family) % 60)),
    ...Array.from({ length: own }, (_, i) => 1 + ((i * 13 + own) % 60)),
  ])

const samplings: fc.Arbitrary<SamplingParams> = fc.record({
  temperature: fc.constantFrom(0, 0.7, 1.5),
  topK: fc.constantFrom(0, 5),
  topP: fc.constantFrom(1, 0.9),
  n: fc.constantFrom(1, 1, 1, 3),
  maxTokens: fc.constantFrom(0, 1, 7, 30, 30, 30),
  minTokens: fc.constantFrom(0, 4),
  logprobs: fc.boolean(),
  topLogprobs: fc.constantFrom(0, 2),
  frequencyPenalty: fc.constantFrom(0, 0.5),
  repetitionPenalty: fc.constantFrom(1, 1.2),
  stop: fc.constantFrom([], ['ab', 'cde']),
  ignoreEos: fc.boolean(),
})

const arrival: fc.Arbitrary<Arrival> = fc.record({
  prompt: prompts,
  sampling: samplings,
  priority: fc.integer({ min: -1, max: 1 }),
  atStep: fc.integer({ min: 0, max: 12 }),
  abortAfter: fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined, freq: 3 }),
  // Over before the last arrival's time, so that nobody is left waiting for a reader.
  pause: fc.option(fc.record({ after: fc.integer({ min: 0, max: 12 }), steps: fc.integer({ min: 1, max: 15 }) }), {
    nil: undefined,
    freq: 2,
  }),
  cacheSalt: fc.constantFrom('', '', 'a', 'b'),
})

export const arrivals = fc.array(arrival, { minLength: 3, maxLength: 12 })

/** Many, who stay long. */
export const crowds = fc.array(
  arrival.map(each => ({ ...each, sampling: { ...each.sampling, maxTokens: 30, ignoreEos: true, n: 1 } })),
  { minLength: 6, maxLength: 8 },
)

export const worlds: fc.Arbitrary<World> = fc.record({
  // 94 prompt tokens and 30 more fill 8 blocks: the least that any job may need.
  blocks: fc.integer({ min: 8, max: 16 }),
  tokenBudget: fc.constantFrom(1, 3, 16, 33, 512),
  maxSequences: fc.integer({ min: 1, max: 12 }),
  prefixCaching: fc.boolean(),
})

/** With room for one long job and a little, so that a crowd is preempted again and again. */
export const tightWorlds: fc.Arbitrary<World> = fc.record({
  blocks: fc.integer({ min: 8, max: 10 }),
  tokenBudget: fc.constantFrom(7, 33, 512),
  maxSequences: fc.integer({ min: 4, max: 12 }),
  prefixCaching: fc.boolean(),
})

const LAST_ARRIVAL = 40

/**
 * Plays a schedule to its end and holds it to its promises: lists and blocks agree after every step, every job that is
 * not aborted ends once, an aborted one never, a paused one gets nothing, nothing is left held, and each answer is the
 * one that the job gets alone, one step at a time.
 */
export async function playSchedule(
  world: World,
  plan: readonly Arrival[],
  runner: StepRunner,
  vocabulary: Vocabulary,
  depth: 1 | 2,
) {
  const watched = within(world.tokenBudget, runner)
  const { scheduler, loop } = build(world, watched, vocabulary, depth)
  const outcomes: Outcome[] = []
  const aborted = new Set<number>()
  const paused = new Set<number>()
  let held = 0
  let before: ReadonlySet<number> = new Set()
  for (let step = 0; step < LAST_ARRIVAL || !loop.idle; step++) {
    for (const [id, { prompt, sampling, priority, cacheSalt, atStep }] of plan.entries()) {
      if (atStep === step) loop.submit(job(id, prompt, sampling, { priority, cacheSalt }))
    }
    // Of the step that is taken now: it was planned at the call before where two are in flight.
    const heldUp = new Set(paused)
    const heldUpThen = depth === 1 ? heldUp : before
    before = heldUp
    held += loop.stats().paused
    const running = loop.step()
    for (const [id, { atStep, pause }] of plan.entries()) {
      if (pause === undefined) continue
      for (const [at, stops] of [
        [pause.after, true],
        [pause.after + pause.steps, false],
      ] as const) {
        if (atStep + at !== step) continue
        loop.pause(id, stops)
        paused[stops ? 'add' : 'delete'](id)
      }
    }
    for (const [id, { atStep, abortAfter }] of plan.entries()) {
      if (abortAfter === undefined || atStep + abortAfter !== step) continue
      loop.abort(id)
      if (!outcomes.some(outcome => outcome.job === id && isTerminal(outcome))) aborted.add(id)
    }
    const told = (await running).outcomes
    expect(told.filter(outcome => heldUp.has(outcome.job) && heldUpThen.has(outcome.job))).toEqual([])
    outcomes.push(...told)
    scheduler.checkIntegrity()
    expect(step).toBeLessThan(STUCK)
  }
  expect(scheduler.cache.free).toBe(world.blocks)

  for (const [id, { prompt, sampling }] of plan.entries()) {
    const mine = outcomes.filter(outcome => outcome.job === id)
    expect(mine.filter(isTerminal)).toHaveLength(aborted.has(id) ? 0 : 1)
    if (aborted.has(id)) continue
    expect(isTerminal(mine.at(-1)!)).toBe(true)
    const alone = build(ROOMY, runner, vocabulary)
    alone.loop.submit(job(id, prompt, sampling))
    expect(answers(outcomes, id).choices).toEqual(answers(await drain(alone.loop), id).choices)
  }
  return { ...loop.stats(), held, ahead: watched.ahead }
}

/** Holds each step to its budget, and counts the sequences that were computed before their last token was known. */
function within(tokenBudget: number, runner: StepRunner): StepRunner & { readonly ahead: number } {
  return {
    ahead: 0,
    run(plan, rows) {
      expect(plan.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(tokenBudget)
      this.ahead += plan.filter(({ sequence }) => sequence.unknown > 0).length
      return runner.run(plan, rows)
    },
  } as StepRunner & { ahead: number }
}
