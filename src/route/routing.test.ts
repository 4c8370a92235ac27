import { describe, expect, test } from 'vitest'
import {
  type Collected,
  collect,
  type Engine,
  type Event,
  type GenerateRequest,
  OverloadedError,
  UNREAD_LIMIT,
} from '../engine/index.ts'
import { expectIdle, failing, fleet, reference, TOKENS, wrap } from './request/testing.ts'

const GREEDY = { temperature: 0 }
const servedBy = (answer: Collected | Error) => (answer as Collected).start.served?.upstream

/** Refuses all. */
const refusing = (inner: Engine, retryAfterMs?: number): Engine =>
  wrap(inner, {
    // biome-ignore lint/correctness/useYield: it throws before it could
    async *generate() {
      throw new OverloadedError('full', retryAfterMs)
    },
  })

/** Keeps what it is asked. */
function listening(inner: Engine): { engine: Engine; asked: GenerateRequest[] } {
  const asked: GenerateRequest[] = []
  const generate: Engine['generate'] = (request, options) => {
    asked.push(request)
    return inner.generate(request, options)
  }
  return { engine: wrap(inner, { generate }), asked }
}

describe('where a request goes', () => {
  test('to the upstream that it names, and to no other', async () => {
    const made = await fleet(mock => [mock(), mock(), failing(mock(), 0, 'unreachable')])
    for (const upstream of ['e1', 'e0', 'e1'])
      expect(servedBy((await made.ask(GREEDY, { routing: { upstream } })).answer)).toBe(upstream)
    const { answer } = await made.ask(GREEDY, { routing: { upstream: 'e2' } })
    expect(answer).toMatchObject({ code: 'unreachable', message: 'the connection broke' })
    await expectIdle(made)
  })

  test.each([
    ['upstream', 'nobody', 'invalid_request', 'there is no upstream "nobody"'],
    ['session', 'x'.repeat(257), 'invalid_request', 'routing.session must have at most 256 characters, got 257'],
    ['deadlineMs', 0, 'invalid_request', 'routing.deadlineMs must be a number of milliseconds above 0, got 0'],
    ['model', 'gone', 'model_not_found', 'the model "gone" is not served; there are mock'],
  ])('a wrong %s is refused', async (hint, value, code, message) => {
    const made = await fleet(mock => [mock()])
    const { answer } = await made.ask(GREEDY, { routing: { [hint]: value } })
    expect(answer).toMatchObject({ code, message })
    await expectIdle(made)
  })

  test('to an engine that has the model, by its name or alias, else to a fallback', async () => {
    const models = [
      { name: 'small', aliases: ['s'], upstreams: [{ name: 'e0' }], fallbacks: ['large'] },
      { name: 'large', upstreams: [{ name: 'e1' }] },
    ]
    const made = await fleet(mock => [mock({ model: 'a' }), mock({ model: 'b' })], { models })
    expect(made.router.info.models).toEqual(['small', 'large'])
    const ask = async (model?: string) => servedBy((await made.ask(GREEDY, model ? { routing: { model } } : {})).answer)
    expect([await ask(), await ask('s'), await ask('large')]).toEqual(['e0', 'e0', 'e1'])
    const broken = await fleet(mock => [failing(mock(), 0, 'internal'), mock()], { models })
    expect(servedBy((await broken.ask(GREEDY)).answer)).toBe('e1')
    const half = await fleet(mock => [failing(mock(), 4, 'internal'), mock()], { models })
    // Another model would go on with another answer: the same engine is asked again.
    expect(((await half.ask(GREEDY)).answer as Collected).choices).toEqual((await reference(GREEDY)).choices)
    expect(half.router.upstreams().map(({ requests }) => requests)).toEqual([3, 0])
  })

  test('where its beginning is known, by the policy that goes by it', async () => {
    const made = await fleet(mock => [mock(), mock()], { policy: 'prefix' })
    const prompt = (first: number) => ({ input: { tokens: Array.from({ length: 64 }, (_, i) => first + i) } })
    const homes = new Map<number, string | undefined>()
    for (const first of [100, 300, 500, 700]) homes.set(first, servedBy((await made.ask(GREEDY, prompt(first))).answer))
    for (const first of [700, 100, 500, 300, 100]) {
      const { answer } = await made.ask(GREEDY, prompt(first))
      expect(servedBy(answer)).toBe(homes.get(first))
      expect((answer as Collected).start.cachedTokens).toBeGreaterThan(0)
    }
    const reasons = made.families('decisions_total') as { labels: { reason: string }; value: number }[]
    expect(reasons.find(({ labels }) => labels.reason === 'prefix')?.value).toBe(5)
  })

  test('an engine is told what the request is part of, and what is left of its time', async () => {
    const heard: GenerateRequest[][] = []
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const made = await fleet(mock => {
      const { engine, asked } = listening(mock())
      heard.push(asked)
      return [failing(mock(), 0, 'silence'), engine]
    })
    await made.ask(GREEDY, { routing: { deadlineMs: 5000, session: 's', traceparent, model: 'mock' } })
    expect(heard[0]![0]!.routing).toEqual({ session: 's', traceparent, deadlineMs: 4000 })
    await made.ask(GREEDY)
    expect(heard[0]![1]).not.toHaveProperty('routing')
  })
})

describe('an engine that is full', () => {
  test('is passed over, and does not count as ill', async () => {
    const made = await fleet(mock => [refusing(mock()), mock()], { breaker: { failures: 1 } })
    for (let i = 0; i < 4; i++) expect(servedBy((await made.ask(GREEDY)).answer)).toBe('e1')
    expect(made.router.upstreams()[0]).toMatchObject({ phase: 'ready', requests: 2 })
    expect(made.families('retries_total')).toEqual([{ labels: { reason: 'overloaded' }, value: 2 }])
  })

  test('and all are: the client is told the soonest time of all', async () => {
    const made = await fleet(mock => [refusing(mock(), 900), refusing(mock(), 300), failing(mock(), 0, 'unreachable')])
    const { answer } = await made.ask(GREEDY)
    expect(answer).toMatchObject({ code: 'overloaded', retryAfterMs: 300 })
    await expectIdle(made)
  })

  test('is waited for, in order, and nothing more is sent there meanwhile', async () => {
    const made = await fleet(mock => [mock({ slots: 4 })], {
      upstreams: [{ url: 'mock:0', name: 'e0', maxInFlight: 2 }],
    })
    expect(made.router.info.maxSequences).toBe(2)
    const ended: number[] = []
    for (let i = 0; i < 7; i++)
      void collect(made.router.generate({ input: { text: 'a' }, sampling: { maxTokens: 4 } })).then(() => ended.push(i))
    let most = 0
    for (let ms = 0; ms < 400; ms++) {
      await made.clock.advance(1)
      most = Math.max(most, made.engines[0]!.stats().running)
    }
    expect(ended).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(most).toBe(2)
    await expectIdle(made)
  })

  test('for too long is an overload, and one who leaves waits no longer', async () => {
    const made = await fleet(mock => [mock({ ttftMs: 900, tokens: 700 })], {
      upstreams: [{ url: 'mock:0', name: 'e0', maxInFlight: 1 }],
    })
    const leaving = new AbortController()
    const ask = (signal?: AbortSignal) =>
      collect(made.router.generate({ input: { text: 'a' } }, signal ? { signal } : {})).catch((error: Error) => error)
    const answers = [ask(), ask(leaving.signal), ask()]
    await made.clock.advance(500)
    leaving.abort()
    expect(await answers[1]).toMatchObject({ code: 'aborted' })
    await made.clock.advance(700)
    expect(await answers[2]).toMatchObject({ code: 'overloaded', retryAfterMs: 1000 })
    await made.clock.advance(5000)
    expect(await answers[0]).toMatchObject({ done: { type: 'done' } })
    await expectIdle(made)
  })
})

describe('engines that have all failed too often', () => {
  test('are tried all the same', async () => {
    let isWell = false
    const ill = (inner: Engine) =>
      wrap(inner, {
        generate: (request, options) =>
          isWell ? inner.generate(request, options) : failing(inner, 0, 'unreachable').generate(request, options),
      })
    const made = await fleet(mock => [ill(mock()), ill(mock())], { breaker: { failures: 1, openMs: 1e9 } })
    expect((await made.ask(GREEDY)).answer).toMatchObject({ code: 'unreachable' })
    expect(made.router.upstreams().map(({ phase }) => phase)).toEqual(['ejected', 'ejected'])
    isWell = true
    expect((await made.ask(GREEDY)).answer).toMatchObject({ done: { type: 'done' } })
    await expectIdle(made)
  })
})

describe('time', () => {
  test('the deadline ends a request wherever it is, and nothing is tried again', async () => {
    const made = await fleet(mock => [failing(mock(), 0, 'silence'), mock()])
    const { answer } = await made.ask(GREEDY, { routing: { deadlineMs: 300 } })
    expect(answer).toMatchObject({ code: 'deadline_exceeded' })
    expect(made.families('retries_total')).toEqual([])
    await expectIdle(made)
  })

  test('whoever reads slowly is not taken for an engine that is silent', async () => {
    const made = await fleet(mock => [mock({ tokens: 700, itlMs: 400 })])
    const events = made.router.generate({ input: { text: 'a' }, sampling: GREEDY })[Symbol.asyncIterator]()
    const first = events.next()
    await made.clock.advance(600_000)
    expect(made.router.stats()).toMatchObject({ paused: 1, running: 1 })
    // The router holds as much, and the engine: it is not asked for more.
    expect(made.engines[0]!.stats().generatedTokens).toBeLessThanOrEqual(2 * UNREAD_LIMIT + 2)
    expect(await first).toMatchObject({ value: { type: 'start' } })
    const rest = collect({
      async *[Symbol.asyncIterator]() {
        yield (await first).value!
        yield* { [Symbol.asyncIterator]: () => events }
      },
    })
    await made.clock.advance(300_000)
    expect((await rest).choices[0]!.ids).toHaveLength(700)
    await expectIdle(made)
  })

  test('a request that ends takes its alarms with it', async () => {
    const made = await fleet(mock => [mock(), mock()], { hedgeAfterMs: 70_000 })
    const { clock } = made
    const at = clock.at.bind(clock)
    const set = new Set<number>()
    clock.at = (time, run) => {
      const cancel = at(time, run)
      if (time > 60_000) set.add(time)
      return () => {
        set.delete(time)
        cancel()
      }
    }
    await made.ask(GREEDY, { routing: { deadlineMs: 80_000 } })
    await made.ask(GREEDY, { routing: { deadlineMs: 80_000, model: 'gone' } })
    const left = made.router.generate({ input: { text: 'a' }, routing: { deadlineMs: 80_000 } })[Symbol.asyncIterator]()
    void left.next()
    expect(set.size).toBe(2)
    await left.return?.()
    expect(set).toEqual(new Set())
  })

  test('tokens in flight are what is still to come', async () => {
    const made = await fleet(mock => [mock({ tokens: 20 })])
    const answer = collect(made.router.generate({ input: { tokens: [1, 2, 3] }, sampling: { maxTokens: 10 } }))
    const inFlight = () => made.families('tokens_in_flight')
    const of = (value: number) => [{ labels: { upstream: 'e0' }, value }]
    await made.clock.advance(0)
    expect(inFlight()).toEqual(of(13))
    await made.clock.advance(20)
    expect(inFlight()).toEqual(of(9))
    await made.clock.advance(20)
    expect(inFlight()).toEqual(of(5))
    await made.clock.advance(100)
    await answer
    expect(inFlight()).toEqual(of(0))
    // What came lately is what is expected now.
    void collect(made.router.generate({ input: { tokens: [1] } })).catch(() => undefined)
    await made.clock.advance(0)
    expect(inFlight()).toEqual(of(11))
  })
})

describe('a second engine is asked as well', () => {
  const slow = { ttftMs: 500 }

  test('after so long, and the first to answer is taken', async () => {
    const made = await fleet(mock => [mock(slow), mock()], { hedgeAfterMs: 100 })
    const { answer, events } = await made.ask(GREEDY)
    expect((answer as Collected).choices).toEqual((await reference(GREEDY)).choices)
    expect((answer as Collected).start.served).toMatchObject({ upstream: 'e1', attempts: 2 })
    expect(events.filter(({ type }) => type === 'start')).toHaveLength(1)
    expect(made.families('hedges_total')).toEqual([{ labels: { won: 'second' }, value: 1 }])
    expect(made.families('retries_total')).toEqual([])
    await expectIdle(made)
  })

  test('and it is the winner that is told of, whoever began first', async () => {
    const made = await fleet(
      mock => {
        const early = mock(slow)
        const began: Event = { type: 'start', promptTokens: 1, cachedTokens: 0 }
        return [
          wrap(early, {
            async *generate(request, options) {
              // Begins while both are asked, and is slow all the same.
              await collect(mock({ ttftMs: 110 }).generate({ input: { text: 'a' }, sampling: { maxTokens: 1 } }))
              yield began
              for await (const event of early.generate(request, options)) if (event.type !== 'start') yield event
            },
          }),
          mock(),
        ]
      },
      { hedgeAfterMs: 100 },
    )
    const { answer } = await made.ask(GREEDY)
    expect(servedBy(answer)).toBe('e1')
  })

  test('not where the first answers in time, nor where there is none', async () => {
    const made = await fleet(mock => [mock({ ttftMs: 50 }), mock()], { hedgeAfterMs: 100 })
    await made.ask(GREEDY)
    expect(made.router.upstreams().map(({ requests }) => requests)).toEqual([1, 0])
    const lone = await fleet(mock => [mock(slow)], { hedgeAfterMs: 100 })
    expect(servedBy((await lone.ask(GREEDY)).answer)).toBe('e0')
  })

  test.each([
    ['first', 0],
    ['second', 1],
  ])('and where the %s fails, the other goes on', async (_, broken) => {
    const made = await fleet(
      mock => {
        // Silent until it is given up, which is long after the second was asked.
        const engines = [mock({ ttftMs: 1500 }), mock({ ttftMs: 1500 })]
        return engines.map((engine, i) => (i === broken ? failing(engine, 0, 'unreachable') : engine))
      },
      { hedgeAfterMs: 100, firstTokenTimeoutMs: 10_000 },
    )
    const { answer } = await made.ask(GREEDY)
    expect((answer as Collected).choices).toEqual((await reference(GREEDY)).choices)
    expect(servedBy(answer)).toBe(`e${1 - broken}`)
    await expectIdle(made)
  })
})

describe('a client leaves', () => {
  test.each([0, 10, 30])('%i ms after it came: no engine works for it any more', async ms => {
    const made = await fleet(mock => [mock(), mock()], { hedgeAfterMs: 5 })
    const controller = new AbortController()
    const request = { input: { text: 'a' }, sampling: GREEDY }
    const aborted = collect(made.router.generate(request, { signal: controller.signal })).catch(error => error)
    const left = made.router.generate(request)[Symbol.asyncIterator]()
    void left.next()
    await made.clock.advance(ms)
    controller.abort()
    await left.return?.()
    expect(await aborted).toMatchObject({ code: 'aborted' })
    await made.clock.advance(10)
    await expectIdle(made)
    expect(made.router.upstreams().every(({ phase }) => phase === 'ready')).toBe(true)
  })
})

test('an answer’s overhead is its own time, none of what it waited', async () => {
  const made = await fleet(mock => [mock({ ttftMs: 400 })])
  const { answer } = await made.ask({ ...GREEDY, maxTokens: TOKENS })
  expect((answer as Collected).start.served).toEqual({ upstream: 'e0', overheadMs: 0, attempts: 1 })
})
