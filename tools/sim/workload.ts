import type { ChatMessage, GenerateRequest, Input, SamplingParams } from '../../src/engine/index.ts'
import type { Random } from '../../src/statistics/index.ts'
import { nameOf, type Setting } from './setting.ts'

/**
 * `greedy` and `seeded` answers are the same wherever they are made, so they survive what befalls an engine; `free` ones are
 * drawn anew, and `many` are several choices to one prompt: once begun, these end with their engine. `invalid` ones are refused.
 */
export const KINDS = ['greedy', 'seeded', 'free', 'many', 'invalid'] as const
export type Kind = (typeof KINDS)[number]

/** A request, and what its client does. */
export interface Planned {
  readonly id: number
  readonly kind: Kind
  /** When it is sent, in ms. */
  readonly at: number
  readonly request: GenerateRequest
  /** Its client aborts it so long after it was sent. */
  readonly abortAfterMs?: number
  /** Its client leaves after so many tokens. */
  readonly leaveAfter?: number
  /** Its client stops reading for so long after the first event. */
  readonly pauseMs?: number
}

const REQUESTS = 24
const SHARED_PREFIXES = 3
const SESSIONS = 5
const MOST_TOKENS = 16
const VOCABULARY = 1000
/** Of the mock's words some hold the first; the second lies across two of them. */
const STOPS = ['z', 'u d']
/** With an alias, and one that is not there. */
const MODELS = ['large', 'large', 'latest', 'small', 'small', 'grand']
/** A deadline that nobody misses: at its request's end, nothing may be left that waits for it. */
const FAR_MS = 3_600_000
/** More than a reader may leave unread before its request is held up. */
const LONG = 800

export function planWorkload(random: Random, setting: Setting): readonly Planned[] {
  const prefixes = Array.from({ length: SHARED_PREFIXES }, () => someIds(random, 16 + random.int(48)))
  const meanGapMs = 10 + random.int(290)
  let at = 0
  return Array.from({ length: REQUESTS }, (_, id): Planned => {
    at += random.exponential(meanGapMs)
    const kind = kindOf(random)
    const aborts = chance(random, 0.1)
    const leaves = !aborts && chance(random, 0.06)
    const request = requestOf(random, kind, prefixes, setting)
    const pauses = chance(random, request.sampling?.maxTokens === LONG ? 0.7 : 0.08)
    return {
      id,
      kind,
      at,
      request,
      ...(aborts && { abortAfterMs: random.int(400) }),
      ...(leaves && { leaveAfter: random.int(MOST_TOKENS) }),
      ...(pauses && { pauseMs: random.int(3000) }),
    }
  })
}

function kindOf(random: Random): Kind {
  const share = random.next()
  if (share < 0.5) return 'greedy'
  if (share < 0.8) return 'seeded'
  if (share < 0.9) return 'free'
  return share < 0.96 ? 'many' : 'invalid'
}

function requestOf(
  random: Random,
  kind: Kind,
  prefixes: readonly (readonly number[])[],
  { machines, models }: Setting,
): GenerateRequest {
  const ids = chance(random, 0.6) ? [...prefixes[random.int(prefixes.length)]!] : []
  ids.push(...someIds(random, 1 + random.int(24)))
  const routing = {
    ...(chance(random, 0.5) && { session: `session ${random.int(SESSIONS)}` }),
    ...(chance(random, 0.1) && { deadlineMs: chance(random, 0.8) ? 50 + random.int(3000) : FAR_MS }),
    ...(chance(random, 0.04) && { upstream: nameOf(random.int(machines.length)) }),
    ...(models && chance(random, 0.7) && { model: MODELS[random.int(MODELS.length)]! }),
  }
  return {
    input: inputOf(random, ids),
    sampling: samplingOf(random, kind),
    ...(chance(random, 0.1) && { cacheSalt: 'tenant' }),
    routing,
  }
}

function inputOf(random: Random, tokens: readonly number[]): Input {
  const share = random.next()
  if (share < 0.5) return { tokens }
  // Words of the mock's vocabulary have one syllable or two; these are read back as other ids, but always as the same.
  const text = tokens.map(id => `w${id}`).join(' ')
  if (share < 0.75) return { text }
  const half = Math.ceil(text.length / 2)
  const messages: ChatMessage[] = [
    { role: 'system', content: text.slice(0, half) },
    { role: 'user', content: text.slice(half) },
  ]
  return { messages }
}

function samplingOf(random: Random, kind: Kind): SamplingParams {
  const maxTokens = 1 + random.int(MOST_TOKENS)
  const stop = chance(random, 0.2) ? { stop: [STOPS[random.int(STOPS.length)]!] } : {}
  const minTokens = chance(random, 0.1) ? { minTokens: random.int(maxTokens + 1) } : {}
  const rest = { maxTokens, ...stop, ...minTokens }
  if (kind === 'invalid') return { ...rest, temperature: -1 }
  if (kind === 'greedy' && chance(random, 0.02)) return { temperature: 0, maxTokens: LONG, ignoreEos: true }
  if (kind === 'greedy')
    return { ...rest, temperature: 0, ...(chance(random, 0.1) && { logprobs: true, topLogprobs: 2 }) }
  if (kind === 'seeded') return { ...rest, seed: random.int(1000), ...(chance(random, 0.1) && { presencePenalty: 1 }) }
  return kind === 'many' ? { ...rest, n: 2 + random.int(2), seed: random.int(1000) } : rest
}

function someIds(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.int(VOCABULARY))
}

function chance(random: Random, share: number): boolean {
  return random.next() < share
}
