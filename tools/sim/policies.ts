import { VirtualClock } from '../../src/clock/index.ts'
import type { Engine, GenerateRequest, Input } from '../../src/engine/index.ts'
import { createMockEngine } from '../../src/mock/index.ts'
import { openRouter } from '../../src/route/index.ts'
import { POLICY_NAMES, type PolicyName } from '../../src/route/policy/policy.ts'
import { FaultyMachine } from '../../src/route/testing/faulty-engine.ts'
import { mean, quantile, Random } from '../../src/statistics/index.ts'

/** How one policy did at one load. */
export interface Score {
  /** Of all prompt tokens, those that were found in a prefix cache. */
  readonly hitRate: number
  readonly meanTtftMs: number
  readonly p99TtftMs: number
  readonly meanE2eMs: number
  /** Of all requests, the share of the engine that was given most. */
  readonly busiest: number
}

/** Asks, at the times that it chooses, and ends when all it asked for was answered. */
type Load = (
  ask: (request: GenerateRequest) => Promise<readonly number[]>,
  clock: VirtualClock,
  random: Random,
) => Promise<unknown>

interface Trial {
  readonly title: string
  readonly load: Load
  /** Of each engine. */
  readonly paces: readonly number[]
  readonly knowsVocabulary: boolean
}

const EVEN = [1, 1, 1, 1]
const VOCABULARY = 1000

const TRIALS: readonly Trial[] = [
  {
    title: '64 system prompts of 1024 tokens, some asked for far more often; the vocabulary is known',
    load: sharedPrefixes,
    paces: EVEN,
    knowsVocabulary: true,
  },
  { title: 'The same, of an unknown vocabulary', load: sharedPrefixes, paces: EVEN, knowsVocabulary: false },
  { title: '200 chats of six turns, each with a session', load: chats, paces: EVEN, knowsVocabulary: true },
  {
    title: 'Prompts that share nothing, and one engine of four at a quarter of the pace',
    load: unlike,
    paces: [1, 1, 1, 0.25],
    knowsVocabulary: true,
  },
]

/** Each policy at each load, as tables in Markdown. */
export async function comparePolicies(seed: number): Promise<string> {
  const parts: string[] = []
  for (const trial of TRIALS) {
    const rows: string[] = []
    for (const policy of POLICY_NAMES) rows.push(rowOf(policy, await scoreOf(policy, trial, seed)))
    parts.push([`${trial.title}:`, '', ...HEAD, ...rows].join('\n'))
  }
  return parts.join('\n\n')
}

const HEAD = ['| policy | cache hits | TTFT mean | TTFT p99 | E2E mean | busiest engine |', '|---|--:|--:|--:|--:|--:|']

function rowOf(policy: PolicyName, { hitRate, meanTtftMs, p99TtftMs, meanE2eMs, busiest }: Score): string {
  const ms = (value: number) => `${value.toFixed(0)} ms`
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`
  return `| ${policy} | ${percent(hitRate)} | ${ms(meanTtftMs)} | ${ms(p99TtftMs)} | ${ms(meanE2eMs)} | ${percent(busiest)} |`
}

export async function scoreOf(policy: PolicyName, trial: Trial, seed: number): Promise<Score> {
  const clock = new VirtualClock()
  const machines = trial.paces.map(pace => {
    // 8 slots of 4096 tokens: a cache that holds half of the shared prefixes.
    const machine = new FaultyMachine({
      clock,
      ttftMs: 5,
      itlMs: 6,
      perSequenceMs: 0.35,
      prefillTokensPerSecond: 8000,
      slots: 8,
      contextLength: 4096,
      vocabSize: VOCABULARY,
    })
    machine.run(pace)
    return machine
  })
  const router = await openRouter({
    policy,
    seed,
    clock,
    upstreams: machines.map((_, i) => ({ name: `engine-${i}`, url: `mock:?${i}`, maxInFlight: 1000 })),
    open: ({ name }) => machines[Number(name!.slice('engine-'.length))]!.connect(),
    ...(trial.knowsVocabulary && { tokenizer: { encode: idsOf } }),
  })
  const tally = new Tally()
  const load = trial.load(request => tally.ask(router, clock, request), clock, new Random(seed))
  let isOver = false
  const over = load.finally(() => (isOver = true))
  while (!isOver) await clock.advance(1000)
  await over
  await router.close()
  for (const { inner } of machines) await inner.close()
  return tally.score()
}

class Tally {
  readonly #ttft: number[] = []
  readonly #e2e: number[] = []
  readonly #served = new Map<string, number>()
  #prompt = 0
  #cached = 0

  /** The answer's ids. */
  async ask(engine: Engine, clock: VirtualClock, request: GenerateRequest): Promise<readonly number[]> {
    const sentAt = clock.now()
    const answer: number[] = []
    let hasToken = false
    for await (const event of engine.generate(request)) {
      if (event.type === 'start') {
        const name = event.served!.upstream
        this.#served.set(name, (this.#served.get(name) ?? 0) + 1)
      } else if (event.type === 'tokens') {
        if (!hasToken) this.#ttft.push(clock.now() - sentAt)
        hasToken = true
        answer.push(...event.ids)
      } else {
        this.#prompt += event.usage.promptTokens
        this.#cached += event.usage.cachedTokens
        this.#e2e.push(clock.now() - sentAt)
      }
    }
    return answer
  }

  score(): Score {
    return {
      hitRate: this.#cached / this.#prompt,
      meanTtftMs: mean(this.#ttft),
      p99TtftMs: quantile(
        this.#ttft.toSorted((a, b) => a - b),
        0.99,
      ),
      meanE2eMs: mean(this.#e2e),
      busiest: Math.max(...this.#served.values()) / this.#e2e.length,
    }
  }
}

const REQUESTS = 2000
const GROUPS = 64
/** About two thirds of what four engines get through. */
const MEAN_GAP_MS = 25

async function sharedPrefixes(...[ask, clock, random]: Parameters<Load>): Promise<void> {
  const prefixes = Array.from({ length: GROUPS }, () => someIds(random, 1024))
  const pending: Promise<unknown>[] = []
  for (let i = 0; i < REQUESTS; i++) {
    await pass(clock, random.exponential(MEAN_GAP_MS))
    // As often as one in its rank, as words are.
    const prefix = prefixes[Math.floor(GROUPS ** random.next()) - 1]!
    const tokens = [...prefix, ...someIds(random, 32 + random.int(224))]
    pending.push(ask({ input: inputOf(tokens), sampling: samplingOf(random) }))
  }
  await Promise.all(pending)
}

async function unlike(...[ask, clock, random]: Parameters<Load>): Promise<void> {
  const pending: Promise<unknown>[] = []
  for (let i = 0; i < REQUESTS; i++) {
    await pass(clock, random.exponential(MEAN_GAP_MS * 1.2))
    const tokens = someIds(random, 32 + random.int(1000))
    pending.push(ask({ input: inputOf(tokens), sampling: samplingOf(random) }))
  }
  await Promise.all(pending)
}

async function chats(...[ask, clock, random]: Parameters<Load>): Promise<void> {
  const chat = async (name: string) => {
    await pass(clock, random.next() * 30_000)
    const tokens = someIds(random, 64)
    for (let turn = 0; turn < 6; turn++) {
      tokens.push(...someIds(random, 64 + random.int(256)))
      const request = { input: inputOf([...tokens]), sampling: samplingOf(random), routing: { session: name } }
      tokens.push(...(await ask(request)))
      await pass(clock, random.exponential(2000))
    }
  }
  await Promise.all(Array.from({ length: 200 }, (_, i) => chat(`chat ${i}`)))
}

function samplingOf(random: Random): GenerateRequest['sampling'] & object {
  return { temperature: 0, maxTokens: 16 + random.int(64) }
}

/** A word for each id, as the mock's tokenizer reads it. */
const WORDS = await Promise.all(
  Array.from({ length: VOCABULARY }, (_, id) => createMockEngine({ vocabSize: VOCABULARY }).detokenize([id])),
)
const IDS = new Map(WORDS.map((word, id) => [word.trim(), id]))

function idsOf(input: Input): number[] {
  return 'text' in input
    ? input.text
        .trim()
        .split(' ')
        .map(word => IDS.get(word)!)
    : []
}

/** As text, so that only who knows the vocabulary sees blocks in it: a word of the mock's for each id. */
function inputOf(tokens: readonly number[]): Input {
  return { text: tokens.map(id => WORDS[id]!).join('') }
}

function someIds(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.int(VOCABULARY))
}

function pass(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise(resolve => clock.at(clock.now() + ms, resolve))
}
