import type { MockOptions } from '../../src/mock/index.ts'
import type { ModelRoute, RouterOptions } from '../../src/route/index.ts'
import { POLICY_NAMES } from '../../src/route/policy/policy.ts'
import type { Random } from '../../src/statistics/index.ts'

/** No fault lasts longer. */
export const FAULTS_MS = 8000
const VOCABULARY = 1000
const CONTEXT = 1024

/** What mocks must share for their answers to be the same. */
export const ALIKE = { vocabSize: VOCABULARY, contextLength: CONTEXT } as const satisfies MockOptions

export interface MachineSetting extends MockOptions {
  readonly model: string
  readonly backend: string
  readonly hidesIds: boolean
  /** It is down until then. */
  readonly upAt: number
  /** Connecting to it takes so long. */
  readonly connectMs: number
}

/** What a run is like, but for its requests and faults. */
export interface Setting {
  readonly machines: readonly MachineSetting[]
  /** The one that nothing befalls, in most runs. */
  readonly steady: number | undefined
  readonly hidesIds: boolean
  readonly knowsVocabulary: boolean
  /** When the table of upstreams changes, and which are in it; the last has all. */
  readonly reloads: readonly { readonly at: number; readonly machines: readonly number[] }[]
  /** The router is closed in the midst of it all. */
  readonly closesAt: number | undefined
  readonly router: Omit<RouterOptions, 'upstreams' | 'open' | 'models'>
  /** Two of them, where there are two: `large`, for which `small` stands in. */
  readonly models: readonly ModelRoute[] | undefined
}

export function nameOf(machine: number): string {
  return `engine-${machine}`
}

export function settingOf(random: Random): Setting {
  const count = 3 + random.int(2)
  const steady = random.next() < 0.75 ? random.int(count) : undefined
  const backend = ['mock', 'remote/warpline', 'remote/openai'][random.int(3)]!
  const hidesIds = backend === 'remote/openai' && random.next() < 0.5
  const hasTwoModels = random.next() < 0.25
  const machines = Array.from(
    { length: count },
    (_, i): MachineSetting => ({
      ...ALIKE,
      ttftMs: 5 + random.int(200),
      itlMs: 1 + random.int(60),
      // With two, all others' requests would stand in line for longer than a first token may take.
      slots: i !== steady && random.next() < 0.3 ? 2 : 16,
      model: hasTwoModels ? (i % 2 === 0 ? 'large' : 'small') : 'mock',
      backend,
      hidesIds,
      upAt: i !== steady && random.next() < 0.1 ? random.int(3000) : 0,
      connectMs: i !== steady && random.next() < 0.3 ? random.int(500) : 0,
    }),
  )
  return {
    machines,
    steady,
    hidesIds,
    knowsVocabulary: random.next() < 0.5,
    reloads: random.next() < 0.3 ? reloadsOf(random, count, steady) : [],
    closesAt: random.next() < 0.05 ? random.int(FAULTS_MS) : undefined,
    models: hasTwoModels ? modelsOf(machines, random) : undefined,
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

function reloadsOf(random: Random, count: number, steady: number | undefined): Setting['reloads'] {
  const all = Array.from({ length: count }, (_, i) => i)
  const some = Array.from({ length: 1 + random.int(3) }, () => {
    const kept = all.filter(i => i === steady || random.next() < 0.6)
    return { at: random.int(FAULTS_MS), machines: kept.length > 0 ? kept : all }
  })
  return [...some.toSorted((a, b) => a.at - b.at), { at: FAULTS_MS, machines: all }]
}

function modelsOf(machines: readonly MachineSetting[], random: Random): readonly ModelRoute[] {
  const weighted = random.next() < 0.5
  const upstreams = (asked: string) =>
    machines.flatMap(({ model }, i) =>
      model === asked ? [{ name: nameOf(i), ...(weighted && { weight: 1 + random.int(3) }) }] : [],
    )
  return [
    { name: 'large', aliases: ['latest'], upstreams: upstreams('large'), fallbacks: ['small'] },
    { name: 'small', upstreams: upstreams('small') },
  ]
}
