import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../statistics/index.ts'
import type { Candidate } from '../upstream.ts'
import { createPolicy } from './create-policy.ts'
import { loadsOf } from './load.ts'
import { type Ask, POLICY_NAMES, type Policy } from './policy.ts'

const idle: Omit<Candidate, 'name'> = { weight: 1, requests: 0, tokens: 0, elsewhere: 0, tokensPerSecond: undefined }
const candidate = (name: string, rest: Partial<Candidate> = {}): Candidate => ({ ...idle, name, ...rest })
const ask = (rest: Partial<Ask> = {}): Ask => ({ blocks: [], session: undefined, promptTokens: 100, ...rest })
const never = () => {
  throw new Error('chance was asked')
}

function choices(policy: Policy, candidates: readonly Candidate[], count: number, random = new Random(1)): string[] {
  return Array.from({ length: count }, () => policy.choose(candidates, ask(), () => random.next()).candidate.name)
}

function shareOf(names: readonly string[], name: string): number {
  return names.filter(other => other === name).length / names.length
}

const anyCandidates = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 6 }).chain(names =>
  fc.tuple(
    ...names.map(name =>
      fc.record({
        name: fc.constant(name),
        weight: fc.double({ min: 0.01, max: 4, noNaN: true }),
        requests: fc.nat(50),
        tokens: fc.nat(100_000),
        elsewhere: fc.nat(50),
        tokensPerSecond: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
      }),
    ),
  ),
)
const anyAsk = fc.record({
  blocks: fc.array(fc.integer(), { maxLength: 20 }),
  session: fc.option(fc.string(), { nil: undefined }),
  promptTokens: fc.nat(1000),
})

describe.each(POLICY_NAMES)('%s', name => {
  test('chooses one of those it is given, whoever they are, and remembers or forgets without a fault', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyCandidates, anyAsk), { maxLength: 20 }), fc.nat(), (rounds, seed) => {
        const policy = createPolicy(name)
        const random = new Random(seed)
        for (const [candidates, ask] of rounds) {
          const { candidate, reason } = policy.choose(candidates, ask, () => random.next())
          expect(candidates).toContain(candidate)
          expect(reason).toMatch(/^[a-z]+$/)
          policy.sent?.(candidate.name, ask)
          if (random.next() < 0.1) policy.forget?.(candidate.name)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('takes the only one there is without asking chance', () => {
    const only = candidate('a')
    expect(createPolicy(name).choose([only], ask(), never).candidate).toBe(only)
  })
})

describe('load', () => {
  test.each([
    ['tokens count', [{ tokens: 10 }, { tokens: 20 }], [10, 20]],
    ['a weight divides them', [{ tokens: 10, weight: 2 }, { tokens: 10 }], [5, 10]],
    [
      'others’ requests are as large as ours',
      [
        { tokens: 30, requests: 3, elsewhere: 2 },
        { tokens: 30, requests: 3 },
      ],
      [50, 30],
    ],
    ['others’ requests count where we have none', [{ elsewhere: 1 }, {}], [256, 0]],
    [
      'of equal engines the busier is not thought quicker',
      [
        { tokens: 1000, requests: 10, tokensPerSecond: 500 },
        { tokens: 100, requests: 1, tokensPerSecond: 50 },
      ],
      [1000, 100],
    ],
    [
      'one that is half as quick counts double',
      [
        { tokens: 100, requests: 1, tokensPerSecond: 30 },
        { tokens: 100, requests: 1, tokensPerSecond: 10 },
      ],
      [100 / 1.5, 200],
    ],
    [
      'one that was never seen is as quick as the others',
      [
        { tokens: 100, requests: 1, tokensPerSecond: 30 },
        { tokens: 100, requests: 1 },
      ],
      [100, 100],
    ],
    [
      'one that stands still is four times as slow, not endlessly',
      [
        { tokens: 100, requests: 1, tokensPerSecond: 30 },
        { tokens: 100, requests: 1, tokensPerSecond: 0 },
      ],
      [50, 400],
    ],
  ] satisfies [string, Partial<Candidate>[], number[]][])('%s', (_, given, expected) => {
    const loads = loadsOf(given.map((rest, i) => candidate(`${i}`, rest)))
    expect(loads.map(load => Math.round(load * 1e6))).toEqual(expected.map(load => Math.round(load * 1e6)))
  })
})

describe('round robin', () => {
  test('spreads turns as nginx does', () => {
    const candidates = [candidate('a', { weight: 5 }), candidate('b'), candidate('c')]
    expect(choices(createPolicy('round-robin'), candidates, 14).join('')).toBe('aabacaaaabacaa')
  })

  test('gives each its share over any round', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), weights => {
        const candidates = weights.map((weight, i) => candidate(`${i}`, { weight }))
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const names = choices(createPolicy('round-robin'), candidates, total)
        for (const { name, weight } of candidates) expect(names.filter(other => other === name)).toHaveLength(weight)
      }),
    )
  })
})

describe('power of two', () => {
  test('never takes the most loaded of three or more', () => {
    const candidates = [candidate('a', { tokens: 3 }), candidate('b', { tokens: 2 }), candidate('c', { tokens: 1 })]
    const names = choices(createPolicy('power-of-two'), candidates, 1000)
    expect(shareOf(names, 'a')).toBe(0)
    // Whenever it is one of the two: two pairs of three.
    expect(shareOf(names, 'c')).toBeCloseTo(2 / 3, 1)
  })

  test('among the idle goes by weight', () => {
    const candidates = [candidate('a', { weight: 3 }), candidate('b'), candidate('c')]
    expect(shareOf(choices(createPolicy('power-of-two'), candidates, 2000), 'a')).toBeCloseTo(3 / 5, 1)
  })

  test('keeps queues far shorter than chance would', () => {
    const longest = (name: 'power-of-two' | 'round-robin' | 'least-loaded') => {
      const random = new Random(3)
      const policy = createPolicy(name)
      const engines = Array.from({ length: 10 }, (_, i) => ({ ...candidate(`${i}`), requests: 0, tokens: 0 }))
      let longest = 0
      for (let i = 0; i < 5000; i++) {
        const { candidate } = policy.choose(engines, ask(), () => random.next())
        const chosen = engines.find(engine => engine === candidate)!
        chosen.tokens += random.exponential(100)
        longest = Math.max(longest, chosen.tokens)
        for (const engine of engines) engine.tokens = Math.max(0, engine.tokens - 11)
      }
      return longest
    }
    expect(longest('power-of-two')).toBeLessThan(longest('round-robin'))
    expect(longest('least-loaded')).toBeLessThanOrEqual(longest('power-of-two'))
  })
})

describe('prefix', () => {
  const engines = ['a', 'b', 'c'].map(name => candidate(name))
  const blocks = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

  test('returns to where most of the prompt was sent', () => {
    const policy = createPolicy('prefix')
    policy.sent!('b', ask({ blocks: blocks(0, 10) }))
    policy.sent!('c', ask({ blocks: [...blocks(0, 4), ...blocks(100, 6)] }))
    const { candidate, reason } = policy.choose(engines, ask({ blocks: [...blocks(0, 10), 77] }), never)
    expect([candidate.name, reason]).toEqual(['b', 'prefix'])
  })

  test.each([
    [3, 'prefix', 'b'],
    [2, 'spread', 'a'],
  ])('a match of %i blocks in ten is chosen for %s', (known, reason, name) => {
    const policy = createPolicy('prefix')
    policy.sent!('b', ask({ blocks: blocks(0, known) }))
    expect(policy.choose(engines, ask({ blocks: blocks(0, 10) }), never)).toMatchObject({ reason, candidate: { name } })
  })

  test('spreads prompts that nobody knows over idle engines', () => {
    const policy = createPolicy('prefix')
    const names = Array.from({ length: 6 }, (_, i) => {
      const prompt = ask({ blocks: blocks(i * 100, 5) })
      const { candidate } = policy.choose(engines, prompt, never)
      policy.sent!(candidate.name, prompt)
      return candidate.name
    })
    expect(names).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })

  test.each([
    ['far ahead of the others', 20_000, 5000, 'load', 'a'],
    ['ahead, but not by 8192 tokens', 10_000, 5000, 'prefix', 'b'],
    ['ahead by as much, but by less than half', 50_000, 40_000, 'prefix', 'b'],
  ])('an engine that knows the prompt and is %s', (_, its, others, reason, name) => {
    const policy = createPolicy('prefix')
    policy.sent!('b', ask({ blocks: blocks(0, 10) }))
    const loaded = engines.map(({ name }) => candidate(name, { requests: 10, tokens: name === 'b' ? its : others }))
    expect(policy.choose(loaded, ask({ blocks: blocks(0, 10) }), never)).toMatchObject({ reason, candidate: { name } })
  })

  test('an engine that came back empty is no longer known for anything', () => {
    const policy = createPolicy('prefix')
    policy.sent!('b', ask({ blocks: blocks(0, 10) }))
    policy.forget!('b')
    expect(policy.choose(engines, ask({ blocks: blocks(0, 10) }), never)).toMatchObject({ reason: 'spread' })
  })

  test('a single hash has its place, and another while that one is full', () => {
    const policy = createPolicy('prefix')
    const one = ask({ blocks: [123] })
    const { candidate: own } = policy.choose(engines, one, never)
    expect(policy.choose(engines.toReversed(), one, never)).toEqual({ candidate: own, reason: 'prefix' })
    const full = engines.map(engine => (engine === own ? candidate(own.name, { requests: 20 }) : engine))
    const { candidate: other, reason } = policy.choose(full, one, never)
    expect(other.name).not.toBe(own.name)
    expect(reason).toBe('load')
  })

  test('remembers a million tokens of each engine, and of old prompts the beginning longest', () => {
    const policy = createPolicy('prefix')
    policy.sent!('b', ask({ blocks: blocks(-10, 10) }))
    policy.sent!('b', ask({ blocks: blocks(0, 2 ** 16 - 5) }))
    expect(policy.choose(engines, ask({ blocks: blocks(-10, 10) }), never)).toMatchObject({ reason: 'prefix' })
    policy.sent!('b', ask({ blocks: blocks(-100, 5) }))
    expect(policy.choose(engines, ask({ blocks: blocks(-10, 10) }), never)).toMatchObject({ reason: 'spread' })
  })
})

describe('session', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => candidate(`engine-${i}`))
  const placesOf = (policy: Policy, candidates: readonly Candidate[], sessions: number) =>
    Array.from(
      { length: sessions },
      (_, i) => policy.choose(candidates, ask({ session: `session ${i}` }), never).candidate.name,
    )

  test('an engine more or less moves no more sessions than its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), count => {
        const policy = createPolicy('session')
        const before = placesOf(policy, names(count), 500)
        const more = placesOf(policy, names(count + 1), 500)
        const added = `engine-${count}`
        for (const [i, name] of more.entries()) expect([before[i], added]).toContain(name)
        expect(shareOf(more, added)).toBeLessThan(1.5 / (count + 1))
        // Away for a while, then gone for good: both move what was its own alone, to where it was before.
        expect(placesOf(policy, names(count), 500)).toEqual(before)
        policy.forget!(added)
        expect(placesOf(policy, names(count), 500)).toEqual(before)
      }),
      { numRuns: 8 },
    )
  })

  test('shares sessions out by weight', () => {
    const places = placesOf(createPolicy('session'), [candidate('a', { weight: 3 }), candidate('b')], 2000)
    expect(shareOf(places, 'a')).toBeCloseTo(3 / 4, 1)
  })

  test('no engine takes more than 1.25 times its share, but for the first few requests', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.array(fc.nat(5), { maxLength: 400 }), (count, sessions) => {
        const policy = createPolicy('session')
        const engines = names(count).map(engine => ({ ...engine, requests: 0 }))
        for (const [i, session] of sessions.entries()) {
          const { candidate } = policy.choose(engines, ask({ session: `${session}` }), never)
          const chosen = engines.find(engine => engine === candidate)!
          chosen.requests++
          expect(chosen.requests).toBeLessThanOrEqual(Math.max(8, Math.ceil((1.25 * (i + 1)) / count)))
        }
      }),
    )
  })

  test('says when a session had to give way', () => {
    const policy = createPolicy('session')
    const engines = names(2)
    const { candidate: own, reason } = policy.choose(engines, ask({ session: 's' }), never)
    expect(reason).toBe('session')
    const full = engines.map(engine => ({ ...engine, requests: engine === own ? 100 : 0 }))
    expect(policy.choose(full, ask({ session: 's' }), never).reason).toBe('load')
  })
})
