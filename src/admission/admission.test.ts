import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../clock/index.ts'
import { Admission, type AdmissionOptions } from './admission.ts'
import type { AdmissionRequest, Capacity, Place, TenantLimits } from './request.ts'

interface World extends Partial<AdmissionOptions> {
  capacity?: () => Capacity
}

/** One sequence at a time, and one more let in ahead, unless told otherwise. */
function world(options: World = {}) {
  const clock = new VirtualClock()
  const admission = new Admission({
    clock,
    queueTokens: 1000,
    queueTimeMs: 10_000,
    capacity: () => ({ sequences: 1, kvTokensFree: Number.POSITIVE_INFINITY }),
    ...options,
  })
  const enter = (request: Partial<AdmissionRequest> & { of?: string; limits?: TenantLimits } = {}) => {
    const { of = 'a', limits = {}, ...rest } = request
    const tenant = { name: of, limits }
    return admission.enter({ tenant, promptTokens: 10, outputTokens: 10, sequences: 1, priority: 0, ...rest })
  }
  /** Fills the engine: the next waits. */
  const fill = () => [enter({ of: 'filler' }), enter({ of: 'filler' })] as const
  return { clock, admission, enter, fill, counts: () => admission.snapshot().counts }
}

async function stateOf(place: Place): Promise<string> {
  const waiting = new Promise(resolve => setImmediate(resolve, 'waiting'))
  const over = (place.turn ?? Promise.resolve()).then(
    () => 'runs',
    error => `${error.code}: ${error.message}`,
  )
  return String(await Promise.race([over, waiting]))
}

function errorOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    return error as Error & { code: string; retryAfterMs: number }
  }
  throw new Error('nothing was thrown')
}

async function order(places: Readonly<Record<string, Place>>, next: () => Place): Promise<string[]> {
  const started: [string, Place][] = []
  for (const [name, place] of Object.entries(places)) place.turn?.then(() => started.push([name, place]))
  next().leave('completed')
  for (let done = 0; done < Object.keys(places).length; done++) {
    await new Promise(resolve => setImmediate(resolve))
    started[done]?.[1].leave('completed')
  }
  return started.map(([name]) => name)
}

describe('the gate', () => {
  test('what the engine has room for starts at once, and a little more so that no slot is idle', () => {
    const { enter } = world({ capacity: () => ({ sequences: 32, kvTokensFree: Number.POSITIVE_INFINITY }) })
    const places = Array.from({ length: 36 }, () => enter({ outputTokens: 1 }))
    expect(places.filter(place => place.turn === undefined)).toHaveLength(34)
    expect(places[0]!.waitedMs).toBe(0)
  })

  test('prompts that were let in and not started take room that the engine does not show yet', async () => {
    const { enter } = world({ capacity: () => ({ sequences: 9, kvTokensFree: 100 }) })
    const first = enter({ promptTokens: 60 })
    const second = enter({ promptTokens: 60 })
    expect(await stateOf(second)).toBe('waiting')
    first.started(0)
    expect(await stateOf(second)).toBe('runs')
  })

  test('one that leaves before it started gives its room back', async () => {
    const { enter } = world({ capacity: () => ({ sequences: 9, kvTokensFree: 100 }) })
    const [first, second] = [enter({ promptTokens: 40 }), enter({ promptTokens: 40 })]
    const third = enter({ promptTokens: 60 })
    first.leave('failed')
    expect(await stateOf(third)).toBe('runs')
    second.started(0)
    expect(await stateOf(enter({ promptTokens: 40 }))).toBe('runs')
  })

  test('room that the engine came to have by itself is used when the next request comes', async () => {
    let kvTokensFree = 100
    const { enter } = world({ queueTokens: 100, capacity: () => ({ sequences: 9, kvTokensFree }) })
    enter({ promptTokens: 60 })
    const waiting = enter({ promptTokens: 90 })
    kvTokensFree = 200
    expect(enter({ promptTokens: 40 }).turn).toBeUndefined()
    expect(await stateOf(waiting)).toBe('runs')
  })

  test('one that fits nowhere runs when nothing else does', async () => {
    const { enter } = world({ capacity: () => ({ sequences: 9, kvTokensFree: 5 }) })
    expect(enter({ promptTokens: 60 }).turn).toBeUndefined()
  })

  test('small ones do not pass a large one that is next', async () => {
    const { enter } = world({ capacity: () => ({ sequences: 9, kvTokensFree: 100 }) })
    const running = enter({ promptTokens: 60 })
    const large = enter({ promptTokens: 90 })
    const small = enter({ promptTokens: 5 })
    expect(await stateOf(small)).toBe('waiting')
    running.started(0)
    expect(await stateOf(large)).toBe('runs')
  })

  test('a tenant runs as many at once as its limit says; others pass', async () => {
    const { enter } = world({ capacity: () => ({ sequences: 9, kvTokensFree: Number.POSITIVE_INFINITY }) })
    const first = enter({ limits: { concurrency: 1 } })
    const second = enter({ limits: { concurrency: 1 } })
    expect(enter({ of: 'b' }).turn).toBeUndefined()
    expect(await stateOf(second)).toBe('waiting')
    first.leave('completed')
    expect(await stateOf(second)).toBe('runs')
  })

  test('limits are those of the latest request', async () => {
    const { enter } = world({ capacity: () => ({ sequences: 9, kvTokensFree: Number.POSITIVE_INFINITY }) })
    enter({ limits: { concurrency: 1 } })
    const second = enter({ limits: { concurrency: 1 } })
    const third = enter({ limits: { concurrency: 3 } })
    expect([await stateOf(second), await stateOf(third)]).toEqual(['runs', 'runs'])
  })
})

describe('the queue', () => {
  test('within a tenant the lower priority starts first, then who came first', async () => {
    const { enter, fill } = world()
    const [first, second] = fill()
    const places = { late: enter({ priority: 1 }), b: enter(), c: enter(), first: enter({ priority: -1 }) }
    second.leave('completed')
    expect(await order(places, () => first)).toEqual(['first', 'b', 'c', 'late'])
  })

  test('tenants take turns, whoever sent more', async () => {
    const { enter, fill } = world()
    const [first, second] = fill()
    const places = { a1: enter(), a2: enter(), a3: enter(), b1: enter({ of: 'b' }), b2: enter({ of: 'b' }) }
    second.leave('completed')
    expect(await order(places, () => first)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  test('who was away has no claim to what others got meanwhile, and no debt for what it took while alone', async () => {
    const { enter } = world()
    for (let i = 0; i < 100; i++) enter({ of: 'b' }).leave('completed')
    const alone = Array.from({ length: 100 }, () => {
      const place = enter({ of: 'a' })
      place.started(0)
      place.generated(10)
      place.leave('completed')
      return place
    })
    expect(alone.every(place => place.turn === undefined)).toBe(true)
    const [first, second] = [enter({ of: 'c' }), enter({ of: 'c' })]
    const places = { b1: enter({ of: 'b' }), b2: enter({ of: 'b' }), a1: enter(), a2: enter() }
    second.leave('completed')
    expect(await order(places, () => first)).toEqual(['b1', 'a1', 'b2', 'a2'])
  })

  test('what a tenant did not use is not held against it: cached prompts, short answers, requests that never started', async () => {
    for (const [prompt, use] of [
      [500, (place: Place) => place.started(500)],
      [0, (place: Place) => place.started(0)],
      [500, () => {}],
    ] as const) {
      const { enter, fill } = world({ queueTokens: 1e6 })
      const [, second] = fill()
      const large = enter({ promptTokens: prompt, outputTokens: 500 })
      const b = enter({ of: 'b', promptTokens: 90, outputTokens: 10 })
      second.leave('completed')
      await stateOf(large)
      use(large)
      large.leave('completed')
      await stateOf(b)
      b.started(0)
      const places = { b: enter({ of: 'b' }), a: enter() }
      expect(await order(places, () => b)).toEqual(['a', 'b'])
    }
  })

  test('what comes beyond the estimate counts as it comes', async () => {
    const { enter, fill } = world({ queueTokens: 1e6 })
    const [first, second] = fill()
    const [a, b] = [enter(), enter({ of: 'b' })]
    first.leave('completed')
    second.leave('completed')
    await stateOf(a)
    a.started(0)
    a.generated(11)
    const places = { a: enter(), b: enter({ of: 'b' }) }
    expect(await order(places, () => b)).toEqual(['b', 'a'])
  })

  test('one that leaves while it waits gives up its place', async () => {
    const { admission, enter, fill } = world()
    const [first] = fill()
    const place = enter()
    place.leave('cancelled')
    place.leave('failed')
    expect(await stateOf(place)).toBe('aborted: the request was aborted')
    first.leave('completed')
    expect(admission.snapshot()).toMatchObject({ waiting: 0, waitingTokens: 0, running: 1, counts: { cancelled: 1 } })
  })

  test('waiting is measured until the turn comes', async () => {
    const { clock, enter, fill } = world()
    const [first, second] = fill()
    const place = enter()
    await clock.advance(30)
    expect(place.waitedMs).toBe(30)
    first.leave('completed')
    second.leave('completed')
    await clock.advance(30)
    expect(place.waitedMs).toBe(30)
  })
})

describe('the bound', () => {
  test('work beyond it is refused with a time to come back at', () => {
    const { admission, enter, fill } = world({ queueTokens: 100 })
    fill()
    for (let i = 0; i < 5; i++) enter()
    const error = errorOf(() => enter())
    expect([error.code, error.message]).toEqual(['overloaded', 'the queue is full: come back in 6.0 s'])
    expect(admission.snapshot()).toMatchObject({
      waiting: 5,
      waitingTokens: 100,
      counts: { refused: { overloaded: 1 } },
    })
  })

  test('one may always wait, however large', async () => {
    const { enter, fill } = world({ queueTokens: 100 })
    fill()
    expect(await stateOf(enter({ promptTokens: 500 }))).toBe('waiting')
    expect(errorOf(() => enter()).code).toBe('overloaded')
  })

  test('a tenant with a share of the queue fills no more of it', () => {
    const { enter, fill } = world({ queueTokens: 100 })
    fill()
    const limits = { queueShare: 0.4 }
    enter({ limits })
    enter({ limits })
    expect(errorOf(() => enter({ limits })).message).toMatch(/^the tenant's part of the queue is full: come back in/)
    enter({ of: 'b' })
  })

  test('without a share of the queue a tenant never waits', () => {
    const { enter } = world()
    const limits = { queueShare: 0 }
    enter({ limits })
    enter({ limits })
    expect(errorOf(() => enter({ limits })).code).toBe('overloaded')
  })

  test('a tenant that holds less than its part pushes out the newest of who holds most', async () => {
    const { enter, fill, counts } = world({ queueTokens: 100 })
    const [first, second] = fill()
    const a = [enter(), enter(), enter(), enter(), enter()]
    const b = enter({ of: 'b' })
    expect(await stateOf(a[4]!)).toMatch(
      /^overloaded: the queue is full, and tenants with less in it came: come back in/,
    )
    expect(await Promise.all([...a.slice(0, 4), b].map(stateOf))).toEqual(Array(5).fill('waiting'))
    a[4]!.leave('failed')
    expect(counts()).toMatchObject({ accepted: 8, failed: 1, pushedOut: 1 })
    first.leave('completed')
    second.leave('completed')
  })

  test('a request larger than its part pushes others out, if that leaves them no less than it gets', () => {
    const { enter, fill, counts } = world({ queueTokens: 200 })
    fill()
    for (let i = 0; i < 10; i++) enter()
    expect(errorOf(() => enter({ of: 'b', promptTokens: 120 })).code).toBe('overloaded')
    enter({ of: 'b', promptTokens: 85 })
    expect(counts().pushedOut).toBe(5)
  })

  test('nobody is pushed out for a tenant that holds as much', () => {
    const { enter, fill, counts } = world({ queueTokens: 100 })
    fill()
    for (let i = 0; i < 3; i++) enter()
    for (let i = 0; i < 2; i++) enter({ of: 'b' })
    expect(errorOf(() => enter({ of: 'b' })).code).toBe('overloaded')
    expect(counts().pushedOut).toBe(0)
  })

  test('once the pace is known, no more may wait than is served in the time', async () => {
    const { clock, admission, enter } = world({ queueTimeMs: 2000 })
    const [first, second] = [enter(), enter()]
    first.started(0)
    await clock.advance(1000)
    first.generated(10)
    first.leave('completed')
    second.started(0)
    await clock.advance(1000)
    second.generated(10)
    second.leave('completed')
    const { tokensPerSecond, waitingTokensBound } = admission.snapshot()
    expect(tokensPerSecond).toBeCloseTo(20, 0)
    expect(waitingTokensBound).toBeCloseTo(2 * tokensPerSecond!)
  })
})

describe('tokens of a minute', () => {
  const limits = { tokensPerMinute: 6000 }

  test('who used them up is told to the millisecond when there are enough again', async () => {
    const { clock, enter } = world()
    enter({ limits, promptTokens: 5000, outputTokens: 500 }).leave('completed')
    await clock.advance(0)
    const place = enter({ limits, promptTokens: 5800, outputTokens: 0 })
    place.started(0)
    const error = errorOf(() => enter({ limits, promptTokens: 300, outputTokens: 0 }))
    expect([error.code, error.message]).toEqual([
      'rate_limited',
      "the tenant's tokens of this minute are used up: come back in 1.0 s",
    ])
    expect(error.retryAfterMs).toBe(1000)
    await clock.advance(999)
    expect(errorOf(() => enter({ limits, promptTokens: 300, outputTokens: 0 })).retryAfterMs).toBe(1)
    await clock.advance(1)
    enter({ limits, promptTokens: 300, outputTokens: 0 })
  })

  test('what was taken for an answer is settled by what came', () => {
    const { enter } = world()
    const place = enter({ limits, promptTokens: 5000, outputTokens: 1000, sequences: 10 })
    expect(errorOf(() => enter({ limits, promptTokens: 900 })).code).toBe('rate_limited')
    place.started(0)
    place.generated(50)
    place.leave('completed')
    expect(errorOf(() => enter({ limits, promptTokens: 951, outputTokens: 0 })).retryAfterMs).toBe(10)
    enter({ limits, promptTokens: 950, outputTokens: 0 })
  })

  test('one that is larger than a minute is let in when nothing was used', () => {
    const { enter } = world()
    enter({ limits, promptTokens: 9000 })
    expect(errorOf(() => enter({ limits })).retryAfterMs).toBe(30_100 + 200)
  })
})

describe('deadlines', () => {
  test('one that waits past its deadline is turned away', async () => {
    const { clock, enter, fill, counts } = world()
    fill()
    const soon = enter({ deadlineMs: 50 })
    const late = enter({ deadlineMs: 90 })
    await clock.advance(49)
    expect(await stateOf(soon)).toBe('waiting')
    await clock.advance(1)
    expect(await stateOf(soon)).toBe('deadline_exceeded: the deadline passed after 0.1 s in the queue')
    expect(await stateOf(late)).toBe('waiting')
    expect(counts()).toMatchObject({ failed: 1, expired: 1 })
  })

  test('one that started is not the queue’s any more', async () => {
    const { clock, enter, fill, counts } = world()
    const [first, second] = fill()
    const place = enter({ deadlineMs: 50 })
    first.leave('completed')
    second.leave('completed')
    await clock.advance(100)
    expect([await stateOf(place), counts().expired]).toEqual(['runs', 0])
  })

  test('what could not be in time is refused: for good, or until the queue is shorter', async () => {
    const { clock, enter, fill } = world()
    const seen = enter()
    seen.started(0)
    await clock.advance(1000)
    seen.generated(10)
    seen.leave('completed')
    fill()
    enter()
    enter()
    expect(errorOf(() => enter({ deadlineMs: 500 })).code).toBe('deadline_exceeded')
    expect(errorOf(() => enter({ deadlineMs: 0 })).code).toBe('deadline_exceeded')
    const error = errorOf(() => enter({ deadlineMs: 1500 }))
    expect(error.message).toMatch(/^the queue is too long for the deadline to be kept: come back in/)
    enter({ deadlineMs: 9000 })
  })
})

describe('coming back', () => {
  const full = () => {
    const it = world({ queueTokens: 200 })
    const running = it.fill()
    const waiting = Array.from({ length: 10 }, () => it.enter())
    return { ...it, running, waiting }
  }
  const named = (name: string) => ({ fingerprint: () => name })

  test('who comes at its time finds room that new ones were not given', async () => {
    const { clock, enter, waiting, counts } = full()
    const { retryAfterMs } = errorOf(() => enter(named('x')))
    await clock.advance(retryAfterMs)
    waiting[9]!.leave('cancelled')
    expect(errorOf(() => enter(named('new'))).code).toBe('overloaded')
    expect(await stateOf(enter(named('x')))).toBe('waiting')
    expect(counts()).toMatchObject({ returned: 1, refusedAgain: 0 })
  })

  test('a few seconds late is in time, and after that it is a new one', async () => {
    const { clock, admission, enter, waiting } = full()
    const { retryAfterMs } = errorOf(() => enter(named('x')))
    errorOf(() => enter(named('y')))
    await clock.advance(retryAfterMs + 4900)
    waiting[9]!.leave('cancelled')
    await stateOf(enter(named('x')))
    expect(admission.snapshot()).toMatchObject({ bookings: 1, counts: { returned: 1 } })
    await clock.advance(60_000)
    errorOf(() => enter(named('y')))
    expect(admission.snapshot()).toMatchObject({ bookings: 1, counts: { returned: 1 } })
  })

  test('who comes too early is told the time that is left', async () => {
    const { clock, admission, enter } = full()
    const { retryAfterMs } = errorOf(() => enter(named('x')))
    await clock.advance(300)
    expect(errorOf(() => enter(named('x'))).retryAfterMs).toBe(retryAfterMs - 300)
    await clock.advance(300)
    expect(errorOf(() => enter({ ...named('x'), returning: true })).retryAfterMs).toBe(retryAfterMs - 600)
    expect(admission.snapshot().bookings).toBe(1)
  })

  test('equal requests are each booked, in the order in which they came', async () => {
    const { clock, admission, enter, waiting } = full()
    const told = Array.from({ length: 4 }, () => errorOf(() => enter({ ...named('x'), returning: false })).retryAfterMs)
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(admission.snapshot().bookings).toBe(4)
    await clock.advance(told[0]!)
    waiting[9]!.leave('cancelled')
    enter(named('x'))
    expect(admission.snapshot().bookings).toBe(3)
  })

  test('who comes early to an engine with room need not wait for its time', async () => {
    const { admission, enter, waiting, running } = full()
    errorOf(() => enter(named('x')))
    for (const place of [...running, ...waiting]) place.leave('cancelled')
    expect(enter({ ...named('x'), returning: true }).turn).toBeUndefined()
    expect(admission.snapshot().bookings).toBe(0)
  })

  test('those that came back are pushed out last', async () => {
    const { clock, enter, waiting, counts } = full()
    const { retryAfterMs } = errorOf(() => enter(named('x')))
    await clock.advance(retryAfterMs)
    waiting[9]!.leave('cancelled')
    const x = enter(named('x'))
    enter({ of: 'b' })
    expect([counts().pushedOut, await stateOf(x), await stateOf(waiting[8]!)]).toEqual([
      1,
      'waiting',
      expect.stringMatching(/^overloaded/),
    ])
  })

  test('refused at its time, it is told a short one', async () => {
    const { clock, enter, counts } = full()
    const { retryAfterMs } = errorOf(() => enter(named('x')))
    for (let i = 0; i < 50; i++) errorOf(() => enter(named(`other ${i}`)))
    await clock.advance(retryAfterMs)
    const last = errorOf(() => enter(named('new'))).retryAfterMs
    expect(errorOf(() => enter(named('x'))).retryAfterMs).toBeLessThanOrEqual(last)
    expect(counts()).toMatchObject({ returned: 1, refusedAgain: 1 })
  })

  test('as long as the pace is a guess, nobody is told more than the queue’s time', () => {
    const { enter } = full()
    const told = Array.from({ length: 400 }, (_, i) => errorOf(() => enter(named(`${i}`))).retryAfterMs)
    expect(Math.max(...told)).toBe(10_000)
  })

  test('nobody is told more than ten minutes, nor booked beyond', async () => {
    const { clock, enter, running, admission } = full()
    running[0].started(0)
    await clock.advance(2000)
    running[0].generated(10)
    running[0].leave('completed')
    const told = Array.from({ length: 400 }, (_, i) => errorOf(() => enter(named(`${i}`))).retryAfterMs)
    expect(Math.max(...told)).toBe(600_000)
    expect(admission.snapshot().bookings).toBeLessThan(400)
  })
})
