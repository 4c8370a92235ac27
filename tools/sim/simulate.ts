import { createHash } from 'node:crypto'
import { VirtualClock } from '../../src/clock/index.ts'
import { type Collected, collect, type GenerateRequest, type Input } from '../../src/engine/index.ts'
import { createMockEngine, type MockOptions } from '../../src/mock/index.ts'
import { openRouter, type Router, type RouterOptions } from '../../src/route/index.ts'
import { POLICY_NAMES } from '../../src/route/policy/policy.ts'
import { FaultyMachine } from '../../src/route/testing/faulty-engine.ts'
import { Random } from '../../src/statistics/index.ts'
import { faultsOf, isRepeatable, type Terms } from './checks.ts'
import { type Outcome, runClient } from './client.ts'
import { CountingClock } from './counting-clock.ts'
import { arrangeFaults, planFaults } from './faults.ts'
import { type Planned, planWorkload } from './workload.ts'

export interface Run {
  readonly seed: number
  /** What did not hold; empty of a good run. */
  readonly faults: readonly string[]
  /** All that happened, with the time of each. */
  readonly log: readonly string[]
  /** Of the log: the same seed gives the same. */
  readonly digest: string
  readonly counts: Readonly<Record<string, number>>
  /** Simulated. */
  readonly ms: number
}

/** No fault lasts longer. */
const FAULTS_MS = 8000
/** Within so much simulated time after the last fault and the last arrival, all must have ended. */
const CALM_MS = 60_000
/** By then breakers, which wait 16 s at most, try again, and engines that were lost are opened anew. */
const RECOVERY_MS = 30_000
const STEP_MS = 250
const VOCABULARY = 1000

/** One run: engines, clients and faults of this seed around a router, and what did not hold of it. */
export async function simulate(seed: number): Promise<Run> {
  const clock = new VirtualClock()
  const counting = new CountingClock(clock)
  const log: string[] = []
  const say = (line: string) => log.push(`${clock.now().toFixed(3)} ${line}`)
  const faults: string[] = []
  const random = new Random(seed, 1)
  const setting = settingOf(random)
  const machines = setting.machines.map(options => new FaultyMachine({ ...options, clock: counting }))
  const names = machines.map((_, i) => `engine-${i}`)
  const workload = planWorkload(new Random(seed, 2), names)
  const references = await referencesOf(workload)
  say(JSON.stringify({ ...setting, machines: setting.machines.length }))

  const prompts = new Map(workload.map(({ request: { input } }) => [input, references.promptOf(input)]))
  const router = await openRouter({
    ...setting.router,
    upstreams: names.map(name => ({ name, url: `mock:?${name}`, maxInFlight: 64 })),
    open: ({ name }) => machines[names.indexOf(name!)]!.connect(),
    clock: counting,
    seed,
    ...(setting.knowsVocabulary && { tokenizer: { encode: (input: Input) => prompts.get(input) ?? [] } }),
  })
  arrangeFaults(
    planFaults(new Random(seed, 3), machines.length, setting.steady, FAULTS_MS),
    machines,
    new Random(seed, 4),
    counting,
    say,
  )

  const outcomes: Outcome[] = []
  const clients = workload.map(planned => runClient(router, planned, counting, say).then(it => outcomes.push(it)))
  await advanceUntil(clock, () => outcomes.length === clients.length, FAULTS_MS, workload.at(-1)!.at + CALM_MS)
  const missing = workload.filter(({ id }) => !outcomes.some(({ planned }) => planned.id === id))
  faults.push(...missing.map(({ id }) => `#${id}: has not ended`))
  const terms: Terms = {
    isOneWell: setting.steady !== undefined,
    failover: setting.router.failover ?? true,
    hidesIds: setting.hidesIds,
    slackMs: 1,
  }
  for (const outcome of outcomes)
    faults.push(
      ...faultsOf(
        outcome,
        isRepeatable(outcome.planned) ? references.answers.get(outcome.planned.id) : undefined,
        terms,
      ),
    )
  faults.push(...leftovers(router, machines))

  await clock.advance(RECOVERY_MS)
  faults.push(...(await unused(router, names, clock)))
  await router.close()
  await clock.advance(0)
  faults.push(...leftovers(router, machines))
  for (const machine of machines) await machine.inner.close()
  await clock.advance(0)
  if (counting.set > 0) faults.push(`${counting.set} alarms are still set`)

  return {
    seed,
    faults,
    log,
    digest: createHash('sha256').update(log.join('\n')).digest('hex').slice(0, 16),
    counts: countsOf(outcomes, router),
    ms: clock.now(),
  }
}

/** How requests ended, and how often the router did what it is there for. */
function countsOf(outcomes: readonly Outcome[], router: Router): Record<string, number> {
  const counts: Record<string, number> = {}
  const add = (name: string, count = 1) => {
    counts[name] = (counts[name] ?? 0) + count
  }
  for (const { how, code = how } of outcomes) add(code)
  for (const { name, collect } of router.families) {
    const what = /^warpline_router_(retries|failovers|hedges)_total$/.exec(name)?.[1]
    if (what === undefined) continue
    for (const sample of collect())
      if ('value' in sample) add(`${what}: ${Object.values(sample.labels ?? {}).join()}`, sample.value)
  }
  return counts
}

interface Setting {
  readonly machines: readonly (MockOptions & { readonly backend: string; readonly hidesIds: boolean })[]
  /** The one that nothing befalls, in most runs. */
  readonly steady: number | undefined
  readonly hidesIds: boolean
  readonly knowsVocabulary: boolean
  readonly router: Omit<RouterOptions, 'upstreams' | 'open'>
}

function settingOf(random: Random): Setting {
  const count = 3 + random.int(2)
  const backend = ['mock', 'remote/warpline', 'remote/openai'][random.int(3)]!
  const hidesIds = backend === 'remote/openai' && random.next() < 0.5
  return {
    machines: Array.from({ length: count }, () => ({
      ttftMs: 5 + random.int(200),
      itlMs: 1 + random.int(60),
      slots: random.next() < 0.3 ? 2 : 16,
      vocabSize: VOCABULARY,
      contextLength: 1024,
      backend,
      hidesIds,
    })),
    steady: random.next() < 0.75 ? random.int(count) : undefined,
    hidesIds,
    knowsVocabulary: random.next() < 0.5,
    router: {
      policy: POLICY_NAMES[random.int(POLICY_NAMES.length)]!,
      // As many as there are others: the one that is well is asked in any case.
      retries: count - 1,
      failover: random.next() < 0.9,
      firstTokenTimeoutMs: 4000,
      stallTimeoutMs: 1000,
      breaker: { failures: 1 + random.int(5), openMs: 100 + random.int(1000), successes: 1 + random.int(2) },
      health: { intervalMs: 500 + random.int(1000) },
      ...(random.next() < 0.2 && { hedgeAfterMs: 50 + random.int(500) }),
    },
  }
}

/** What one engine to which nothing happens answers to each of these. */
async function referencesOf(workload: readonly Planned[]) {
  const clock = new VirtualClock()
  const options = { vocabSize: VOCABULARY, contextLength: 1024, ttftMs: 1, itlMs: 0, clock }
  const engine = createMockEngine(options)
  const answers = new Map<number, Collected>()
  const prompts = new Map<Input, readonly number[]>()
  for (const { request } of workload) prompts.set(request.input, await engine.tokenize(request.input))
  const asked = workload.filter(isRepeatable).map(async ({ id, request }) => {
    answers.set(id, await collect(engine.generate(request)))
  })
  await clock.advance(10)
  await Promise.all(asked)
  return { answers, promptOf: (input: Input) => prompts.get(input)! }
}

async function advanceUntil(clock: VirtualClock, isOver: () => boolean, least: number, most: number): Promise<void> {
  while (clock.now() < most && (clock.now() < least || !isOver())) await clock.advance(STEP_MS)
}

/** What should be gone when every request has ended. */
function leftovers(router: Router, machines: readonly FaultyMachine[]): string[] {
  const { running, waiting, paused } = router.stats()
  const faults = running + waiting + paused > 0 ? [`the router still has ${running + waiting + paused} requests`] : []
  for (const family of router.families.filter(({ name }) => /in_flight/.test(name)))
    for (const sample of family.collect())
      if ('value' in sample && Math.abs(sample.value) > 1e-6)
        faults.push(`${family.name} of ${sample.labels?.upstream} is ${sample.value}`)
  for (const [i, { inner, streams }] of machines.entries()) {
    const { running, waiting, kvBlocksUsed } = inner.stats()
    if (running + waiting + kvBlocksUsed + streams > 0)
      faults.push(`engine-${i} still has ${running} + ${waiting} requests, ${kvBlocksUsed} blocks, ${streams} streams`)
  }
  return faults
}

/** After all faults every engine must be in use again. */
async function unused(router: Router, names: readonly string[], clock: VirtualClock): Promise<string[]> {
  const faults: string[] = []
  for (const upstream of names) {
    const request: GenerateRequest = { input: { tokens: [1] }, sampling: { maxTokens: 1 }, routing: { upstream } }
    let outcome: string | undefined
    collect(router.generate(request)).then(
      () => (outcome = 'answered'),
      error => (outcome = `${error}`),
    )
    await clock.advance(1000)
    if (outcome !== 'answered') faults.push(`${upstream} is not in use again: ${outcome ?? 'no answer'}`)
  }
  return faults
}
