import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DoneEvent, type TokensEvent, UNKNOWN_TOKEN } from '../../engine/index.ts'
import { Handed } from './handed.ts'
import { Continuation, Replay, type Splice } from './splice.ts'

interface Token {
  readonly id: number
  readonly text: string
}

const done = (completionTokens: number, promptTokens = 5): DoneEvent => ({
  type: 'done',
  choices: [{ finishReason: 'stop', completionTokens }],
  usage: { promptTokens, cachedTokens: 0, completionTokens },
  timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
})

/** Tokens in events, `sizes` at a time, again and again. */
function events(tokens: readonly Token[], sizes: readonly number[], knowsIds: boolean): TokensEvent[] {
  const list: TokensEvent[] = []
  for (let at = 0, turn = 0; at < tokens.length; turn++) {
    const part = tokens.slice(at, at + sizes[turn % sizes.length]!)
    at += part.length
    const ids = part.map(({ id }) => (knowsIds ? id : UNKNOWN_TOKEN))
    const logprobs = part.map(({ id, text: token }) => ({ id, token, bytes: [], logprob: 0, top: [] }))
    list.push({ type: 'tokens', choice: 0, ids, text: part.map(({ text }) => text).join(''), logprobs })
  }
  return list
}

function handing(told: readonly TokensEvent[]): Handed {
  const handed = new Handed()
  for (const event of told) handed.take(event)
  return handed
}

const ids = (list: readonly TokensEvent[]) => list.flatMap(event => event.ids)
const text = (list: readonly TokensEvent[]) => list.map(event => event.text).join('')
const through = (splice: Splice, list: readonly TokensEvent[]) => list.flatMap(event => splice.tokens(event) ?? [])

const token = fc.record({ id: fc.nat(9), text: fc.string({ minLength: 1, maxLength: 3 }) })
/** Special tokens have no text. */
const anyToken = fc.oneof(token, fc.record({ id: fc.constant(10), text: fc.constant('') }))
const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })

describe('an answer that is asked for again', () => {
  test('goes on exactly where it broke off, however each side cuts it', () => {
    fc.assert(
      fc.property(fc.array(anyToken, { maxLength: 12 }), fc.nat(12), sizes, sizes, (all, at, before, after) => {
        const handed = handing(events(all.slice(0, at), before, true))
        const replay = new Replay(handed)
        const rest = through(replay, events(all, after, true))
        expect([...handed.ids, ...ids(rest)]).toEqual(all.map(({ id }) => id))
        expect(handed.text + text(rest)).toBe(all.map(({ text }) => text).join(''))
        expect(rest.flatMap(({ logprobs = [] }) => logprobs.map(({ id }) => id))).toEqual(ids(rest))
        expect(rest.every(({ ids }) => ids.length > 0)).toBe(true)
        expect(replay.usage(done(all.length)).completionTokens).toBe(all.length)
      }),
    )
  })

  test.each([
    [false, false],
    [true, false],
    [false, true],
  ])('by its text, where ids are told: %j before, %j after', (first, second) => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), fc.nat(12), sizes, sizes, (all, at, before, after) => {
        const handed = handing(events(all.slice(0, at), before, first))
        const rest = through(new Replay(handed), events(all, after, second))
        expect(handed.text + text(rest)).toBe(all.map(({ text }) => text).join(''))
        expect(handed.ids.length + ids(rest).length).toBe(all.length)
      }),
    )
  })

  test('differs: that is said, wherever it is', () => {
    const property = fc.property(fc.array(token, { minLength: 2, maxLength: 8 }), fc.nat(7), sizes, (all, at, size) => {
      const wrong = at % (all.length - 1)
      const other = all.map((one, i) => (i === wrong ? { id: one.id + 1, text: `${one.text}!` } : one))
      const replay = new Replay(handing(events(all.slice(0, -1), [2], true)))
      expect(() => through(replay, events(other, size, true))).toThrow('the answer could not be gone on with')
    })
    fc.assert(property)
  })

  test('ends before it broke off: that differs as well', () => {
    const tokens = events(
      [
        { id: 1, text: 'a' },
        { id: 2, text: 'b' },
      ],
      [1],
      true,
    )
    const replay = new Replay(handing(tokens))
    expect(replay.tokens(tokens[0]!)).toBeUndefined()
    expect(() => replay.usage(done(1))).toThrow('the answer could not be gone on with')
    expect(replay.tokens(tokens[1]!)).toBeUndefined()
    expect(replay.usage(done(2))).toEqual({ promptTokens: 5, cachedTokens: 0, completionTokens: 2 })
  })
})

test('an answer that is continued counts both of its parts', () => {
  const [first] = events(
    [
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ],
    [2],
    true,
  )
  const continuation = new Continuation(handing([first!]))
  expect(continuation.tokens(first!)).toBe(first)
  expect(continuation.usage(done(3, 7))).toEqual({ promptTokens: 5, cachedTokens: 0, completionTokens: 5 })
})
