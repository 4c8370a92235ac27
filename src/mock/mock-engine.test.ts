import { describe, expect, test } from 'vitest'
import { collect, type Engine, type Event, type GenerateRequest, UNREAD_LIMIT } from '../engine/index.ts'
import { createMockEngine, type MockOptions, VirtualClock } from './index.ts'

interface Timed {
  readonly at: number
  readonly event: Event
}

function setUp(options: MockOptions = {}): { clock: VirtualClock; engine: Engine } {
  const clock = new VirtualClock()
  return { clock, engine: createMockEngine({ ttftMs: 20, itlMs: 5, contextLength: 1024, ...options, clock }) }
}

/** Reads in the background; each event with the time at which it came. */
function read(clock: VirtualClock, events: AsyncIterable<Event>): Timed[] {
  const list: Timed[] = []
  void (async () => {
    for await (const event of events) list.push({ at: clock.now(), event })
  })()
  return list
}

const request = (text: string, maxTokens: number, rest: Partial<GenerateRequest> = {}): GenerateRequest => ({
  input: { text },
  sampling: { maxTokens, seed: 1 },
  ...rest,
})
const times = (timed: readonly Timed[], type: Event['type'] = 'tokens') =>
  timed.filter(({ event }) => event.type === type).map(({ at }) => at)
/** A prompt of this many tokens that shares nothing with others. */
const prompt = (tokens: number, first: number) => ({
  input: { tokens: Array.from({ length: tokens }, (_, i) => first + i) },
})

describe('pace', () => {
  test('a lone request has its first token after ttft and one more each itl', async () => {
    const { clock, engine } = setUp()
    await clock.advance(3.25)
    const events = read(clock, engine.generate(request('a', 4)))
    await clock.advance(100)
    expect(times(events, 'start')).toEqual([23.25])
    expect(times(events)).toEqual([23.25, 28.25, 33.25, 38.25])
    expect(events.at(-1)).toMatchObject({
      at: 38.25,
      event: { timings: { queuedMs: 0, prefillMs: 20, decodeMs: 15 } },
    })
  })

  test('who comes later joins the steps of who runs', async () => {
    const { clock, engine } = setUp()
    read(clock, engine.generate(request('a', 20)))
    await clock.advance(22)
    const events = read(clock, engine.generate(request('b', 2)))
    await clock.advance(200)
    expect(times(events)).toEqual([45, 50])
  })

  test('with steps of its own, each request keeps the times that are set', async () => {
    const { clock, engine } = setUp({ steps: 'own', slots: 2 })
    const first = read(clock, engine.generate(request('a', 4)))
    await clock.advance(22)
    const second = read(clock, engine.generate(request('b', 3)))
    const queued = read(clock, engine.generate(request('c', 2)))
    await clock.advance(200)
    expect(times(first)).toEqual([20, 25, 30, 35])
    expect(times(second)).toEqual([42, 47, 52])
    expect(times(queued)).toEqual([55, 60])
  })

  test('a stall holds up all that is under way, once', async () => {
    const { clock, engine } = setUp({ stall: { afterMs: 27, forMs: 100 } })
    await clock.advance(10)
    const running = read(clock, engine.generate(request('a', 4)))
    await clock.advance(40)
    const stalled = read(clock, engine.generate(request('b', 2)))
    await clock.advance(1000)
    expect(times(running)).toEqual([30, 35, 140, 145])
    expect(times(stalled)).toEqual([157, 162])
  })

  test('prefill adds what the uncached part of the prompt costs', async () => {
    const { clock, engine } = setUp({ prefillTokensPerSecond: 1000 })
    const first = read(clock, engine.generate({ ...prompt(100, 0), sampling: { maxTokens: 1 } }))
    await clock.advance(500)
    expect(times(first)).toEqual([120])
    const again = read(clock, engine.generate({ ...prompt(100, 0), sampling: { maxTokens: 1 } }))
    await clock.advance(500)
    expect(again[0]!.event).toEqual({ type: 'start', promptTokens: 100, cachedTokens: 96 })
    expect(times(again)).toEqual([500 + 20 + 4])
  })

  test('each running sequence lengthens a step where perSequenceMs says so', async () => {
    const { clock, engine } = setUp({ perSequenceMs: 1 })
    const events = [1, 2, 3].map(() => read(clock, engine.generate(request('a', 3))))
    await clock.advance(100)
    for (const timed of events) expect(times(timed)).toEqual([20, 28, 36])
  })

  test('a late timer delays its own step only, and what it missed comes at once', async () => {
    let now = 0
    const alarms: (() => void)[] = []
    const clock = {
      now: () => now,
      at(time: number, run: () => void) {
        // Two milliseconds late, always; forty-three after the third.
        const late = () => {
          now = Math.max(now, time) + (alarms.length === 3 ? 43 : 2)
          run()
        }
        alarms.push(late)
        return () => undefined
      },
    }
    const engine = createMockEngine({ ttftMs: 20, itlMs: 5, clock })
    const arrivals: [at: number, tokens: number][] = []
    const reading = (async () => {
      for await (const event of engine.generate(request('a', 12)))
        if (event.type === 'tokens') arrivals.push([now, event.ids.length])
      return 'ended'
    })()
    for (let i = 0; i < alarms.length; i++) {
      alarms[i]!()
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await reading).toBe('ended')
    expect(arrivals).toEqual([
      [22, 1],
      [27, 1],
      [73, 9],
      [77, 1],
    ])
  })

  test('a pace of nothing ends at once', async () => {
    const engine = createMockEngine({ ttftMs: 0, itlMs: 0 })
    const { choices } = await collect(engine.generate(request('a', 5000)))
    expect(choices[0]!.ids).toHaveLength(64)
  })
})

describe('slots', () => {
  test('who finds no slot waits for one', async () => {
    const { clock, engine } = setUp({ slots: 1 })
    read(clock, engine.generate(request('a', 3)))
    const second = read(clock, engine.generate(request('b', 1)))
    await clock.advance(10)
    expect(engine.stats()).toMatchObject({ running: 1, waiting: 1 })
    await clock.advance(100)
    expect(second.at(-1)).toMatchObject({ at: 50, event: { timings: { queuedMs: 30, prefillMs: 20 } } })
  })

  test('nobody gets a slot before coming, however late the step is told that freed it', async () => {
    let now = 0
    const alarms: { time: number; run: () => void }[] = []
    const clock = {
      now: () => now,
      at: (time: number, run: () => void) => {
        alarms.push({ time, run })
        return () => undefined
      },
    }
    const settled = () => new Promise(resolve => setImmediate(resolve))
    const engine = createMockEngine({ ttftMs: 20, itlMs: 5, slots: 1, clock })
    const first = collect(engine.generate(request('a', 1)))
    await settled()
    now = 30
    const second = collect(engine.generate(request('b', 1)))
    await settled()
    // The step of 20 comes at 33.
    now = 33
    alarms.shift()!.run()
    await first
    const { time, run } = alarms.at(-1)!
    now = time
    run()
    expect([time, (await second).done.timings]).toEqual([50, { queuedMs: 0, prefillMs: 20, decodeMs: 0 }])
  })

  test('lower priorities run first, equal ones in order of arrival', async () => {
    const { clock, engine } = setUp({ slots: 1 })
    const order: string[] = []
    const run = async (name: string, priority: number) => {
      for await (const event of engine.generate(request(name, 1, { priority })))
        if (event.type === 'start') order.push(name)
    }
    const all = [run('running', 9), run('late', 5), run('later', 5), run('urgent', -1)]
    await clock.advance(500)
    await Promise.all(all)
    expect(order).toEqual(['running', 'urgent', 'late', 'later'])
  })

  test('n answers take n slots, and those after the first pay no prefill', async () => {
    const { clock, engine } = setUp({ slots: 2 })
    const events = read(clock, engine.generate({ input: { text: 'a' }, sampling: { maxTokens: 2, n: 3 } }))
    await clock.advance(1)
    expect(engine.stats()).toMatchObject({ running: 2, waiting: 1 })
    await clock.advance(100)
    const third = events.filter(({ event }) => event.type === 'tokens' && event.choice === 2)
    expect(times(third)).toEqual([30, 35])
  })

  test('an abort frees its slot at once', async () => {
    const { clock, engine } = setUp({ slots: 1 })
    const controller = new AbortController()
    const first = collect(engine.generate(request('a', 100), { signal: controller.signal }))
    const second = read(clock, engine.generate(request('b', 1)))
    const outcome = expect(first).rejects.toMatchObject({ code: 'aborted' })
    await clock.advance(30)
    controller.abort()
    expect(engine.stats()).toMatchObject({ running: 1, waiting: 0 })
    await outcome
    await clock.advance(30)
    expect(times(second)).toEqual([50])
  })
})

describe('a reader that stops reading', () => {
  test('gets no token beyond the limit, and changes nobody else’s pace', async () => {
    const { clock, engine } = setUp({ perSequenceMs: 1, itlMs: 4 })
    const stopped = engine.generate(request('a', 400, { sampling: { maxTokens: 400, ignoreEos: true } }))
    const reader = stopped[Symbol.asyncIterator]()
    const first = reader.next()
    await clock.advance(20 + 254 * 5)
    await first
    expect(engine.stats()).toMatchObject({ generatedTokens: UNREAD_LIMIT - 1, paused: 0 })
    await clock.advance(5)
    expect(engine.stats()).toMatchObject({ generatedTokens: UNREAD_LIMIT, paused: 1, running: 1 })
    await clock.advance(10_000)
    expect(engine.stats()).toMatchObject({ generatedTokens: UNREAD_LIMIT, paused: 1 })

    const from = clock.now()
    const other = read(clock, engine.generate(request('b', 4)))
    await clock.advance(100)
    expect(times(other).map(at => at - from)).toEqual([20, 25, 30, 35])
  })

  test('joins the next step when it reads on, and what it missed is not made up for', async () => {
    const { clock, engine } = setUp()
    const reader = engine
      .generate(request('a', 400, { sampling: { maxTokens: 400, ignoreEos: true } }))
      [Symbol.asyncIterator]()
    void reader.next()
    await clock.advance(10_000)
    void reader.next()
    const { generatedTokens } = engine.stats()
    const list = read(clock, { [Symbol.asyncIterator]: () => reader })
    await clock.advance(0)
    const from = clock.now()
    await clock.advance(20)
    expect(times(list).map(at => at - from)).toEqual([0, 5, 10, 15, 20])
    expect(engine.stats().generatedTokens - generatedTokens).toBe(5)
  })

  test('keeps its slot while it does not read, but takes none', async () => {
    const { clock, engine } = setUp({ slots: 2 })
    const reader = engine.generate({ input: { text: 'a' }, sampling: { n: 3, maxTokens: 300, ignoreEos: true } })
    void reader[Symbol.asyncIterator]().next()
    await clock.advance(5_000)
    expect(engine.stats()).toMatchObject({ running: 2, waiting: 1, paused: 3 })
  })
})

test('a step is as long as the clock says, and as large as what it processes', async () => {
  const { clock, engine } = setUp()
  await clock.advance(50)
  read(clock, engine.generate({ ...prompt(40, 0), sampling: { maxTokens: 3 } }))
  await clock.advance(500)
  read(clock, engine.generate({ ...prompt(40, 0), sampling: { maxTokens: 1 } }))
  await clock.advance(500)
  const { steps } = engine.stats()
  const { stepMs, stepTokens } = engine.histograms()
  expect(steps).toBe(4)
  expect(stepMs.sum).toBe(20 + 5 + 5 + 20)
  expect(stepTokens.sum).toBe(40 + 1 + 1 + (40 - 32))
})

describe('output', () => {
  const finish = async (sampling: GenerateRequest['sampling'], options: MockOptions = {}) => {
    const { clock, engine } = setUp({ tokens: 10, ...options })
    const answer = collect(engine.generate({ input: { text: 'a' }, ...(sampling && { sampling }) }))
    await clock.advance(10_000)
    const { done } = await answer
    return done.choices[0]
  }

  test.each([
    [{}, 'stop', 10],
    [{ maxTokens: 4 }, 'length', 4],
    [{ minTokens: 12 }, 'stop', 12],
    [{ ignoreEos: true }, 'length', 1023],
  ] as const)('%j ends by %s after %i tokens', async (sampling, finishReason, completionTokens) => {
    expect(await finish(sampling)).toEqual({ finishReason, completionTokens })
  })

  test('without a seed each request has its own, the same in every run', async () => {
    const texts = async () => {
      const { clock, engine } = setUp()
      const answers = [1, 2].map(() => collect(engine.generate({ input: { text: 'a' } })))
      await clock.advance(1000)
      return (await Promise.all(answers)).map(({ choices }) => choices[0]!.text)
    }
    const [first, second] = [await texts(), await texts()]
    expect(first).toEqual(second)
    expect(first[0]).not.toBe(first[1])
  })

  test('greedy text depends on the prompt', async () => {
    const { clock, engine } = setUp()
    const answers = ['a', 'a', 'b'].map(text =>
      collect(engine.generate({ input: { text }, sampling: { temperature: 0, maxTokens: 5 } })),
    )
    await clock.advance(1000)
    const [a, sameA, b] = (await Promise.all(answers)).map(({ choices }) => choices[0]!.text)
    expect(sameA).toBe(a)
    expect(b).not.toBe(a)
  })
})

test('blocks in use are those of running sequences, shared ones counted once', async () => {
  const { clock, engine } = setUp({ slots: 4 })
  expect(engine.stats()).toMatchObject({ kvBlocksTotal: 4 * 64, kvBlocksUsed: 0 })
  for (let i = 0; i < 2; i++) read(clock, engine.generate({ ...prompt(40, 0), sampling: { maxTokens: 20, seed: i } }))
  await clock.advance(20)
  expect(engine.stats().kvBlocksUsed).toBe(2 + 2)
  await clock.advance(60)
  expect(engine.stats().kvBlocksUsed).toBe(2 + 4)
  await clock.advance(100)
  expect(engine.stats()).toMatchObject({ kvBlocksUsed: 0, promptTokens: 80, cachedTokens: 0, generatedTokens: 40 })
})

test.each([
  ['greedy', { temperature: 0 }],
  ['seeded', { temperature: 1, seed: 7 }],
])('goes on where another left off: %s', async (_, sampling) => {
  const { clock, engine } = setUp()
  const tokens = [1, 2, 3]
  const ask = async (prompt: readonly number[], maxTokens: number) => {
    const answer = collect(engine.generate({ input: { tokens: prompt }, sampling: { ...sampling, maxTokens } }))
    await clock.advance(1000)
    return (await answer).choices[0]!.ids
  }
  const whole = await ask(tokens, 8)
  expect(await ask([...tokens, ...whole.slice(0, 5)], 3)).toEqual(whole.slice(5))
})
