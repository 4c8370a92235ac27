import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../clock/index.ts'
import { Admission, type AdmissionOptions } from './admission.ts'
import type { AdmissionRequest, Place } from './request.ts'

const KV = Number.POSITIVE_INFINITY

/** One sequence at a time, and one more let in ahead, unless told otherwise. */
function world(options: Partial<AdmissionOptions> & { sequences?: number } = {}) {
  const { sequences = 1, ...rest } = options
  const clock = new VirtualClock()
  const admission = new Admission({
    clock,
    queueTokens: 1600,
    queueTimeMs: 10_000,
    capacity: () => ({ sequences, kvTokensFree: KV }),
    ...rest,
  })
  type Enter = Partial<AdmissionRequest> & { of?: string }
  const enter = (priorityClass?: AdmissionRequest['priorityClass'], { of = 'a', ...request }: Enter = {}) =>
    admission.enter({
      tenant: { name: of, limits: {} },
      promptTokens: 10,
      outputTokens: 10,
      sequences: 1,
      priority: 0,
      ...(priorityClass && { priorityClass }),
      ...request,
    })
  const many = (count: number, ...of: Parameters<typeof enter>) => Array.from({ length: count }, () => enter(...of))
  return { clock, admission, enter, many, classes: () => admission.snapshot().classes }
}

const runs = (places: readonly Place[]) => places.filter(({ turn }) => turn === undefined).length

async function stateOf(place: Place): Promise<string> {
  const waiting = new Promise(resolve => setImmediate(resolve, 'waiting'))
  const over = (place.turn ?? Promise.resolve()).then(
    () => 'runs',
    error => `${error.code}: ${error.message}`,
  )
  return String(await Promise.race([over, waiting]))
}

function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message.split(':')[0]!
  }
  return 'none'
}

/** The order in which they start, once the first of these that run has left, and then each that started. */
async function order(places: Readonly<Record<string, Place>>, running: readonly Place[]): Promise<string[]> {
  const started: [string, Place][] = []
  for (const [name, place] of Object.entries(places)) place.turn?.then(() => started.push([name, place]))
  for (const place of running) place.leave('completed')
  for (let done = 0; done < Object.keys(places).length; done++) {
    await new Promise(resolve => setImmediate(resolve))
    started[done]?.[1].leave('completed')
  }
  return started.map(([name]) => name)
}

describe('who is next', () => {
  test('the highest class, whoever came first, and within a class as ever', async () => {
    const { enter } = world()
    const running = [enter(), enter()]
    const places = {
      bulk: enter('bulk'),
      first: enter(),
      second: enter('default'),
      urgent: enter('default', { priority: -1 }),
      interactive: enter('interactive'),
      system: enter('system'),
    }
    expect(await order(places, running)).toEqual(['system', 'interactive', 'urgent', 'first', 'second', 'bulk'])
  })

  test('tenants take turns within a class, by what they were given in all classes', async () => {
    const { enter } = world({ queueTokens: 1e6 })
    const running = [enter('default', { of: 'c' }), enter('default', { of: 'c' })]
    const places = {
      a1: enter('bulk', { of: 'a' }),
      b1: enter('bulk', { of: 'b' }),
      large: enter('interactive', { of: 'a', promptTokens: 500 }),
    }
    expect(await order(places, running)).toEqual(['large', 'b1', 'a1'])
  })

  test('one that waited long goes before newer ones of higher classes, the longer the higher', async () => {
    const { clock, enter } = world({ queueTokens: 1e6 })
    const running = [enter(), enter()]
    const old = enter('bulk')
    await clock.advance(119_999)
    const [earlier, between] = [enter('default'), enter('interactive')]
    await clock.advance(1)
    const places = { between, earlier, old, bulk: enter('bulk') }
    expect(await order(places, running)).toEqual(['between', 'old', 'earlier', 'bulk'])
  })

  test('in the end it goes before all', async () => {
    const { clock, enter } = world({ queueTokens: 1e6, classes: { bulk: { ageingMs: 1000 } } })
    const running = [enter(), enter()]
    const old = enter('bulk')
    await clock.advance(3000)
    const places = { system: enter('system'), interactive: enter('interactive'), old }
    expect(await order(places, running)).toEqual(['old', 'system', 'interactive'])
  })

  test('a large one is waited for by lower classes, and by higher ones once it has risen to them', async () => {
    const capacity = () => ({ sequences: 9, kvTokensFree: 100 })
    const { clock, enter } = world({ capacity })
    enter('default', { promptTokens: 60 })
    const large = enter('default', { promptTokens: 90 })
    expect([await stateOf(enter('bulk')), enter('interactive').turn]).toEqual(['waiting', undefined])
    await clock.advance(30_000)
    expect([await stateOf(large), await stateOf(enter('interactive'))]).toEqual(['waiting', 'waiting'])
    expect(enter('system').turn).toBeUndefined()
  })

  test('one that cannot run for its tenant’s own limit keeps no other class from running', async () => {
    const { enter } = world({ sequences: 9 })
    const tenant = { name: 'bound', limits: { concurrency: 1 } }
    enter('interactive', { tenant })
    expect(await stateOf(enter('interactive', { tenant }))).toBe('waiting')
    expect(enter('bulk').turn).toBeUndefined()
  })
})

describe('slots that are kept', () => {
  test('for interactive ones, from the first on: lower classes leave an eighth', async () => {
    const { enter, many } = world({ sequences: 32 })
    const first = enter('interactive')
    first.leave('completed')
    expect(runs(many(32, 'bulk'))).toBe(28)
    expect(await stateOf(enter('default'))).toBe('waiting')
    // As many as are kept, and who is let in ahead.
    expect(runs(many(7, 'interactive'))).toBe(6)
  })

  test('no more than the class does not use already', () => {
    const { many } = world({ sequences: 32 })
    many(3, 'interactive')
    expect(runs(many(40, 'default'))).toBe(28)
  })

  test('not from equals, nor from higher ones', () => {
    const { many } = world({ sequences: 32 })
    many(1, 'interactive')
    expect(runs(many(33, 'interactive'))).toBe(33)
    const other = world({ sequences: 32 })
    other.many(1, 'interactive')
    expect(runs(other.many(33, 'system'))).toBe(33)
  })

  test('nothing while nobody sends any, nor a minute after the last', async () => {
    const { clock, enter, many } = world({ sequences: 32, queueTokens: 1e6 })
    expect(runs(many(34, 'bulk'))).toBe(34)
    const other = world({ sequences: 32 })
    const last = other.enter('interactive')
    await other.clock.advance(1)
    last.leave('completed')
    await other.clock.advance(60_000)
    expect(runs(other.many(34, 'bulk'))).toBe(34)
    await clock.advance(1)
    enter('interactive')
  })

  test.each([
    [7, 7 + 1],
    [8, 7],
    [16, 14],
  ])('an engine of %i sequences runs %i of a lower class beside', (sequences, expected) => {
    const { enter, many } = world({ sequences })
    enter('interactive').leave('completed')
    expect(runs(many(20, 'bulk'))).toBe(expected)
  })

  test('requests of several sequences do not reach into them', async () => {
    const { enter, many } = world({ sequences: 32, queueTokens: 1e6 })
    enter('interactive').leave('completed')
    expect(runs(many(4, 'bulk', { sequences: 8 }))).toBe(3)
    // Nor are they passed by smaller ones of their own class or lower.
    expect(await stateOf(enter('bulk'))).toBe('waiting')
    expect(runs(many(1, 'interactive', { sequences: 4 }))).toBe(1)
  })

  test('one that wants more than there are runs all the same', async () => {
    const { enter } = world({ sequences: 8, queueTokens: 1e6 })
    const running = enter('interactive')
    const large = enter('bulk', { sequences: 40 })
    expect(large.turn).toBeUndefined()
    running.leave('completed')
  })

  test('a higher class with slots of its own passes a lower one that has none and waits', () => {
    const { enter, many } = world({ sequences: 8 })
    enter('system').leave('completed')
    expect(runs(many(9, 'interactive'))).toBe(7)
    expect(enter('system').turn).toBeUndefined()
  })

  test('whoever has risen to a rank has its slots, so that no flood keeps it out for ever', async () => {
    const { clock, enter, many } = world({ sequences: 8, queueTokens: 1e6 })
    const running = many(9, 'interactive')
    const risen = enter('bulk')
    await clock.advance(240_000)
    many(5, 'interactive')
    running[0]!.leave('completed')
    expect(await stateOf(risen)).toBe('runs')
  })
})

describe('the queue', () => {
  const full = (of: AdmissionRequest['priorityClass'], options: Parameters<typeof world>[0] = {}) => {
    const it = world(options)
    it.many(2, of)
    return { ...it, waiting: it.many(80, of) }
  }

  test('who is of a higher class pushes out the newest of the lowest', async () => {
    const { enter, many, classes } = world()
    many(2)
    const [defaults, bulk] = [many(60), many(20, 'bulk')]
    await stateOf(enter('interactive'))
    expect(await stateOf(bulk[19]!)).toMatch(
      /^overloaded: the queue is full, and requests of a higher class came: come back in \d/,
    )
    expect(await stateOf(bulk[18]!)).toBe('waiting')
    for (const place of many(20, 'interactive')) expect(await stateOf(place)).toBe('waiting')
    // A sixteenth of the bound is left to the lower class.
    expect(await Promise.all(bulk.slice(0, 6).map(stateOf))).toEqual([...Array(5).fill('waiting'), expect.any(String)])
    expect(await Promise.all(defaults.slice(53).map(stateOf))).toEqual([
      'waiting',
      ...Array(6).fill(expect.stringMatching(/^overloaded/)),
    ])
    expect(classes()).toMatchObject({
      interactive: { waiting: 21, waitingTokens: 420, counts: { accepted: 21, refused: 0, pushedOut: 0 } },
      default: { waiting: 54, running: 2, counts: { accepted: 62, pushedOut: 6 } },
      bulk: { waiting: 5, waitingTokens: 100, counts: { accepted: 20, pushedOut: 15 } },
    })
  })

  test('nobody is pushed out for one of a lower class, whatever tenants hold', () => {
    const { enter, classes } = full('interactive')
    expect(refusal(() => enter('default', { of: 'b' }))).toBe('the queue is full')
    expect(classes()).toMatchObject({ interactive: { waiting: 80 }, default: { counts: { refused: 1 } } })
  })

  test('within a class, tenants with less of it still push others out', () => {
    const { enter, classes } = full('interactive')
    enter('interactive', { of: 'b' })
    expect(classes().interactive.counts.pushedOut).toBe(1)
  })

  test('bulk fills half of it, alone or not; others fill it', () => {
    const { enter, many } = world()
    many(2)
    many(40, 'bulk')
    expect(refusal(() => enter('bulk'))).toBe('the part of the queue for requests of this class is full')
    many(40)
    expect(refusal(() => enter())).toBe('none')
  })

  test('room is kept for bookings of equals and higher ones, not of lower ones', async () => {
    const { clock, admission, enter } = full('default')
    for (let i = 0; i < 40; i++) {
      expect(refusal(() => enter('default', { fingerprint: () => `${i}` }))).toBe('the queue is full')
    }
    await clock.advance(2000)
    expect(admission.snapshot().heldTokens).toBeGreaterThan(200)
    // All of the queue but the sixteenth that is left to the lower class.
    for (let i = 0; i < 75; i++) enter('interactive')
  })

  test('one may always wait, however large, and lower ones give way as far as they must', async () => {
    const { enter, waiting } = full('default')
    const large = enter('interactive', { promptTokens: 5000 })
    expect(await stateOf(large)).toBe('waiting')
    expect((await Promise.all(waiting.map(stateOf))).filter(state => state === 'waiting')).toEqual([])
  })

  test('a deadline is held against those who are served before', async () => {
    const { clock, enter, many } = world({ queueTokens: 1e6 })
    const seen = enter()
    seen.started(0)
    await clock.advance(1000)
    seen.generated(10)
    seen.leave('completed')
    many(2)
    many(5, 'default')
    expect(refusal(() => enter('bulk', { deadlineMs: 3000 }))).toBe('the queue is too long for the deadline to be kept')
    enter('interactive', { deadlineMs: 3000 })
  })
})
