import { describe, expect, test } from 'vitest'
import type { SchedulingPolicy } from './policies.ts'
import { Scheduler, type SchedulerOptions } from './scheduler.ts'
import { simulate } from './testing/simulate.ts'

const POLICIES: readonly SchedulingPolicy[] = ['pull', 'steal', 'round-robin']

/** With all ranks ready at 0, as many slots as they may have. */
function scheduler(options: SchedulerOptions): Scheduler {
  const made = new Scheduler(options)
  for (const rank of options.ranks) made.ready(rank, 99, 0)
  return made
}

/** The jobs that this rank does, one after another, while the others get none done. */
function onlyRank(made: Scheduler, rank: number): readonly number[] {
  const order: number[] = []
  for (let i = 0; i < 100; i++)
    for (const each of made.next(0)) {
      if (each.rank !== rank) continue
      order.push(each.job)
      made.settled(rank, each.job, each.attempt, 0)
    }
  return order
}

const pairs = (made: Scheduler, now = 0) => made.next(now).map(({ rank, job }) => [rank, job])

describe('one rank of four is ten times slower', () => {
  const SLOW = [10, 10, 10, 100]
  const SUM_OF_SPEEDS = SLOW.reduce((sum, ms) => sum + 1 / ms, 0)
  const cases = [200, 1000, 5000].flatMap(jobs => [4, 8, 16].map(inflight => ({ jobs, inflight })))
  /** Against work / sum of speeds. */
  const ratio = (policy: SchedulingPolicy, jobs: number, inflight: number) =>
    simulate({ jobs, inflight, policy }, SLOW).wallMs / (jobs / (SUM_OF_SPEEDS * (inflight / 4)))

  test.each(cases)('$jobs jobs, $inflight under way: pull and steal hide it, round robin waits for it', each => {
    expect(ratio('pull', each.jobs, each.inflight)).toBeLessThanOrEqual(1.35)
    expect(ratio('steal', each.jobs, each.inflight)).toBeLessThanOrEqual(1.35)
    expect(ratio('round-robin', each.jobs, each.inflight)).toBeGreaterThanOrEqual(3)
  })
})

describe('policies', () => {
  test('pull: the next job goes to whoever has most room', () => {
    const made = scheduler({ jobs: 9, ranks: [1, 2, 3], inflight: 6 })
    expect(pairs(made)).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
      [1, 3],
      [2, 4],
      [3, 5],
    ])
    made.settled(2, 1, 1, 1)
    made.settled(3, 2, 1, 1)
    made.settled(3, 5, 1, 1)
    expect(pairs(made)).toEqual([
      [3, 6],
      [2, 7],
      [3, 8],
    ])
  })

  test('steal: a part of the file each, then the end of the longest line', () => {
    const made = scheduler({ jobs: 8, ranks: [1, 2], inflight: 2, policy: 'steal' })
    const got: (readonly number[])[] = []
    for (let i = 0, [first] = made.next(0); i < 6; i++) {
      got.push([first!.rank, first!.job])
      made.settled(first!.rank, first!.job, first!.attempt, 0)
      first = made.next(0)[0]
    }
    expect(got).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
      [1, 7],
      [1, 6],
    ])
  })

  test('round robin: job i is for the (i mod n)th rank', () => {
    const { by } = simulate({ jobs: 10, policy: 'round-robin' }, [1, 7, 3])
    expect(by).toEqual(by.map((_, i) => (i % 3) + 1))
  })

  test('round robin: a lost rank’s jobs go to the others, and come back with it', () => {
    const made = scheduler({ jobs: 12, ranks: [1, 2, 3], inflight: 3, policy: 'round-robin' })
    expect(pairs(made)).toHaveLength(3)
    expect(made.lose(3)).toEqual([2])
    const settle = (rank: number, job: number, attempt = 1) => made.settled(rank, job, attempt, 1)
    settle(1, 0)
    expect(pairs(made)).toEqual([[1, 2]])
    settle(1, 2, 2)
    settle(2, 1)
    // Of the lost rank’s 5, 8 and 11, rank 1 has 5 and 11; its own 3 and rank 2’s 4 come first.
    expect(pairs(made)).toEqual([
      [2, 4],
      [1, 3],
    ])
    made.ready(3, 99, 2)
    expect(pairs(made)).toEqual([[3, 5]])
  })

  test('round robin: what is dealt anew is dealt in the order of the file', () => {
    const made = scheduler({ jobs: 9, ranks: [1, 2, 3], inflight: 3, policy: 'round-robin' })
    made.lose(3)
    expect(onlyRank(made, 1)).toEqual([0, 2, 3, 6, 8])
  })

  test.each(POLICIES)('%s: with few under way for many ranks, each has its turn', policy => {
    const { by } = simulate({ jobs: 40, inflight: 1, policy }, [1, 1, 1, 1])
    for (const rank of [1, 2, 3, 4]) expect(by.filter(each => each === rank)).toHaveLength(10)
  })
})

describe.each(POLICIES)('%s', policy => {
  test.each([1, 2, 3, 4, 8])('no jobs are over at once, on %i ranks', n => {
    const ranks = Array.from({ length: n }, (_, i) => i + 1)
    const made = new Scheduler({ jobs: 0, ranks, policy })
    expect([made.finished, made.stuck]).toEqual([true, false])
    made.ready(1, 1, 0)
    expect(made.next(0)).toEqual([])
  })

  test('ranks that are ready later, or never, do not hold up the others', () => {
    const made = new Scheduler({ jobs: 4, ranks: [1, 2], inflight: 4, policy, heartbeatTimeoutMs: 1000 })
    expect(made.next(0)).toEqual([])
    made.ready(2, 99, 10)
    for (let now = 20; !made.finished && now < 3000; now += 100) {
      for (const { rank, job, attempt } of made.next(now)) made.settled(rank, job, attempt, now)
      made.heard(2, now)
      for (const rank of made.overdue(now)) made.lose(rank)
    }
    expect(made.counts).toMatchObject({ settled: 4, requeued: 0 })
  })

  test('10 000 jobs, ranks lost and back a hundred times, take less than a second', () => {
    const began = performance.now()
    const ranks = Array.from({ length: 16 }, (_, i) => i + 1)
    const made = scheduler({ jobs: 10_000, ranks, inflight: 64, policy, maxAttempts: 1000 })
    for (let round = 0; !made.finished; round++) {
      const assignments = made.next(round)
      if (round < 100) made.lose((round % 16) + 1)
      for (const { rank, job, attempt } of assignments) made.settled(rank, job, attempt, round)
      if (round < 100) made.ready((round % 16) + 1, 99, round)
    }
    expect(made.counts).toMatchObject({ settled: 10_000, requeued: 400 })
    expect(performance.now() - began).toBeLessThan(1000)
  })
})

describe('limits', () => {
  test('a rank has its share of all that is under way, or what it says, whichever is less', () => {
    const made = new Scheduler({ jobs: 99, ranks: [1, 2, 3], inflight: 8 })
    made.ready(1, 99, 0)
    made.ready(2, 1, 0)
    expect(pairs(made).map(([rank]) => rank)).toEqual([1, 1, 2, 1])
    made.ready(3, 99, 0)
    expect(pairs(made)).toHaveLength(3)
    made.ready(2, 99, 0)
    expect(pairs(made)).toEqual([[2, 7]])
    expect(made.counts.inFlight).toBe(8)
  })

  test.each([0, -1, 1.5, Number.NaN])('%d under way at once is refused', inflight => {
    expect(() => new Scheduler({ jobs: 1, ranks: [1], inflight })).toThrow(RangeError)
  })

  test('a rank that executes nothing is refused', () => {
    expect(() => scheduler({ jobs: 1, ranks: [1] }).ready(0, 1, 0)).toThrow('rank 0 executes nothing')
  })
})

describe('lost ranks', () => {
  test('its jobs are next, the lowest first, and what it says of them is void', () => {
    const made = scheduler({ jobs: 6, ranks: [1, 2], inflight: 4 })
    made.next(0)
    expect(made.lose(2)).toEqual([1, 3])
    expect([made.lost, made.counts.requeued]).toEqual([[2], 2])
    expect(made.settled(2, 1, 1, 6)).toBe(false)
    made.settled(1, 0, 1, 7)
    made.settled(1, 2, 1, 7)
    expect(made.next(7)).toEqual([
      { rank: 1, job: 1, attempt: 2 },
      { rank: 1, job: 3, attempt: 2 },
    ])
    expect([made.settled(2, 1, 1, 8), made.settled(1, 1, 1, 8)]).toEqual([false, false])
    expect([made.settled(1, 1, 2, 8), made.settled(1, 1, 2, 8)]).toEqual([true, false])
  })

  test('its jobs are told in order, whatever the order in which it got them', () => {
    const made = scheduler({ jobs: 4, ranks: [1, 2], inflight: 4 })
    made.next(0)
    made.lose(1)
    made.settled(2, 1, 1, 0)
    expect(made.next(0)).toEqual([{ rank: 2, job: 0, attempt: 2 }])
    expect(made.lose(2)).toEqual([0, 3])
  })

  test('nobody settles what is another’s', () => {
    const made = scheduler({ jobs: 2, ranks: [1, 2], inflight: 2 })
    made.next(0)
    expect([made.settled(1, 1, 1, 0), made.settled(1, 7, 1, 0), made.settled(2, 1, 1, 0)]).toEqual([false, false, true])
    expect(made.counts).toMatchObject({ inFlight: 1, settled: 1 })
  })

  test.each(POLICIES)('%s: a rank that is left out is not lost, and others do its share', policy => {
    const made = new Scheduler({ jobs: 6, ranks: [1, 2, 3], policy, heartbeatTimeoutMs: 100 })
    made.leaveOut(3)
    for (const rank of [1, 2]) made.ready(rank, 2, 0)
    made.overdue(0)
    expect(made.overdue(50)).toEqual([])
    for (let i = 0; i < 10; i++) for (const { rank, job, attempt } of made.next(0)) made.settled(rank, job, attempt, 0)
    expect([made.finished, made.lost]).toEqual([true, []])
    expect(made.overdue(101)).toEqual([1, 2])
  })

  test('when nobody is left but ranks that are left out, the run is stuck', () => {
    const made = scheduler({ jobs: 1, ranks: [1, 2] })
    made.leaveOut(1)
    made.lose(2)
    expect([made.stuck, made.lost]).toEqual([true, [2]])
    made.ready(1, 1, 0)
    expect([made.stuck, pairs(made)]).toEqual([false, [[1, 0]]])
  })

  test('it works again once it asks, and only then', () => {
    const made = scheduler({ jobs: 2, ranks: [1] })
    made.lose(1)
    made.heard(1, 1)
    expect([made.next(1), made.lost]).toEqual([[], [1]])
    made.ready(1, 2, 2)
    expect([pairs(made), made.lost]).toEqual([
      [
        [1, 0],
        [1, 1],
      ],
      [],
    ])
  })

  test('a job that was handed out too often is given up', () => {
    const made = scheduler({ jobs: 1, ranks: [1], maxAttempts: 2 })
    for (const now of [0, 1]) {
      expect(made.finished).toBe(false)
      expect(made.next(now)).toHaveLength(1)
      expect(made.lose(1)).toEqual([0])
      made.ready(1, 1, now)
    }
    expect([made.next(2), made.gaveUp, made.finished]).toEqual([[], [0], true])
    expect(made.counts).toMatchObject({ gaveUp: 1, requeued: 1, waiting: 0 })
    expect(made.settled(1, 0, 2, 3)).toBe(false)
  })

  test('when all are lost the run is stuck, until one comes back', () => {
    const made = scheduler({ jobs: 3, ranks: [1, 2] })
    made.lose(1)
    expect(made.stuck).toBe(false)
    made.lose(2)
    expect([made.stuck, made.finished]).toEqual([true, false])
    made.ready(1, 1, 1)
    expect(made.stuck).toBe(false)
  })

  test('whoever is silent for longer than the timeout is overdue, were it never heard', () => {
    const made = new Scheduler({ jobs: 1, ranks: [1, 2, 3], heartbeatTimeoutMs: 100 })
    made.ready(1, 1, 0)
    made.ready(2, 1, 0)
    expect(made.overdue(0)).toEqual([])
    expect(made.overdue(100)).toEqual([])
    made.heard(1, 50)
    expect(made.overdue(150)).toEqual([2, 3])
    made.lose(2)
    expect(made.overdue(150)).toEqual([3])
    expect(made.overdue(151)).toEqual([1, 3])
  })

  test('while rank 0 itself stood still it heard nobody, and holds it against none', () => {
    const made = scheduler({ jobs: 1, ranks: [1, 2], heartbeatTimeoutMs: 100 })
    made.overdue(50)
    expect(made.overdue(5000)).toEqual([])
    made.heard(1, 5050)
    expect(made.overdue(5100)).toEqual([])
    expect(made.overdue(5101)).toEqual([2])
  })
})

test('a drain hands nothing more out, and ends with what is under way', () => {
  const made = scheduler({ jobs: 9, ranks: [1, 2], inflight: 2 })
  made.next(0)
  made.drain()
  expect([made.settled(1, 0, 1, 1), made.next(1), made.finished]).toEqual([true, [], false])
  made.lose(2)
  expect([made.finished, made.stuck]).toEqual([true, false])
  expect(made.counts).toEqual({
    jobs: 9,
    doneBefore: 0,
    waiting: 8,
    inFlight: 0,
    settled: 1,
    gaveUp: 0,
    requeued: 1,
  })
})

test('what an earlier run has done is not handed out', () => {
  const made = scheduler({ jobs: 6, ranks: [1], isDone: job => job % 2 === 0 })
  expect(pairs(made).map(([, job]) => job)).toEqual([1, 3, 5])
  expect(made.counts).toMatchObject({ doneBefore: 3, inFlight: 3 })
  expect(new Scheduler({ jobs: 6, ranks: [1], isDone: () => true }).finished).toBe(true)
})

test('a job is due when the run could begin, however often it is handed out', () => {
  const made = new Scheduler({ jobs: 3, ranks: [1, 2], inflight: 2 })
  made.overdue(50)
  expect(made.dueAt(0)).toBeNaN()
  made.ready(1, 1, 100)
  made.ready(2, 1, 140)
  made.next(150)
  expect([made.dueAt(1), made.handedOutAt(1), made.handedOutAt(2)]).toEqual([100, 150, Number.NaN])
  made.settled(1, 0, 1, 160)
  made.lose(2)
  made.next(180)
  expect([made.dueAt(1), made.handedOutAt(1)]).toEqual([100, 180])
})
