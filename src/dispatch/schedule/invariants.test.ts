import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Assignment } from '../job.ts'
import { Scheduler } from './scheduler.ts'

/** What may happen next, and to what: places are taken modulo what there is. */
const event = fc.record({
  kind: fc.constantFrom('ready', 'settle', 'settle', 'settle', 'late', 'lose', 'tick'),
  which: fc.nat(1000),
  slots: fc.integer({ min: 0, max: 5 }),
})

const run = fc.record({
  policy: fc.constantFrom('pull', 'steal', 'round-robin' as const),
  jobs: fc.integer({ min: 0, max: 40 }),
  ranks: fc.integer({ min: 1, max: 5 }),
  inflight: fc.integer({ min: 1, max: 12 }),
  maxAttempts: fc.integer({ min: 1, max: 4 }),
  done: fc.array(fc.nat(39)),
  events: fc.array(event, { maxLength: 200 }),
})

test('whatever comes, in whatever order: each job counts once, and no limit is passed', () => {
  fc.assert(
    fc.property(run, ({ jobs, inflight, policy, maxAttempts, done, events, ...more }) => {
      const ranks = Array.from({ length: more.ranks }, (_, i) => i + 1)
      const scheduler = new Scheduler({ jobs, ranks, policy, inflight, maxAttempts, isDone: job => done.includes(job) })
      const slots = new Map<number, number>()
      /** As the ranks see it, which need not be how the scheduler does. */
      const held: Assignment[] = []
      const past: Assignment[] = []
      const lost = new Set<number>()
      const counted = new Map<number, number>()
      let now = 0

      const own = (rank: number) => held.filter(each => each.rank === rank)
      const settle = (each: Assignment, expected: boolean) => {
        expect(scheduler.settled(each.rank, each.job, each.attempt, now)).toBe(expected)
        if (expected) counted.set(each.job, (counted.get(each.job) ?? 0) + 1)
      }
      const lose = (rank: number) => {
        const jobs = own(rank).map(({ job }) => job)
        expect(scheduler.lose(rank)).toEqual(jobs.sort((a, b) => a - b))
        for (const each of own(rank)) past.push(held.splice(held.indexOf(each), 1)[0]!)
        lost.add(rank)
      }
      const ready = (rank: number, count: number) => {
        scheduler.ready(rank, count, now)
        lost.delete(rank)
        slots.set(rank, Math.min(count, Math.ceil(inflight / ranks.length)))
      }
      const handOut = () => {
        const before = new Map(ranks.map(rank => [rank, own(rank).length]))
        for (const each of scheduler.next(now)) {
          expect(lost.has(each.rank)).toBe(false)
          expect(held.some(({ job }) => job === each.job)).toBe(false)
          expect(counted.has(each.job) || done.includes(each.job)).toBe(false)
          expect(each.attempt).toBeLessThanOrEqual(maxAttempts)
          expect(each.attempt).toBe(past.filter(({ job }) => job === each.job).length + 1)
          held.push(each)
        }
        expect(held.length).toBeLessThanOrEqual(inflight)
        for (const rank of ranks)
          expect(own(rank).length).toBeLessThanOrEqual(Math.max(slots.get(rank) ?? 0, before.get(rank)!))
      }
      const check = () => {
        const { counts } = scheduler
        expect(counts.inFlight).toBe(held.length)
        expect(counts.settled).toBe(counted.size)
        expect(counts.waiting + counts.inFlight + counts.settled + counts.gaveUp + counts.doneBefore).toBe(jobs)
        expect(scheduler.lost).toEqual([...lost].sort())
      }

      for (const { kind, which, slots: count } of events) {
        now++
        const rank = ranks[which % ranks.length]!
        if (kind === 'ready') ready(rank, count)
        else if (kind === 'settle' && held.length > 0) settle(held.splice(which % held.length, 1)[0]!, true)
        else if (kind === 'late' && past.length > 0) settle(past[which % past.length]!, false)
        else if (kind === 'lose' && !lost.has(rank)) lose(rank)
        else if (kind === 'tick') for (const each of scheduler.overdue(now)) expect(lost.has(each)).toBe(false)
        handOut()
        check()
      }
      for (const rank of ranks) ready(rank, 5)
      for (let rounds = 0; !scheduler.finished; rounds++) {
        expect(rounds).toBeLessThan(100)
        handOut()
        for (const each of held.splice(0)) settle(each, true)
        check()
      }
      for (const each of past) settle(each, false)
      const expected = Array.from({ length: jobs }, (_, i) => i).filter(job => !done.includes(job))
      expect([...counted.keys(), ...scheduler.gaveUp].sort((a, b) => a - b)).toEqual(expected)
      expect([...counted.values()].every(times => times === 1)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
