import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../clock/index.ts'
import { WarplineError } from '../errors.ts'
import { Admission } from './admission.ts'
import { PRIORITY_CLASSES } from './priority-class.ts'
import type { Outcome, Place, TenantLimits } from './request.ts'

const enter = fc.record({
  type: fc.constant('enter' as const),
  name: fc.constantFrom('a', 'b', 'c'),
  promptTokens: fc.integer({ min: 1, max: 200 }),
  outputTokens: fc.integer({ min: 1, max: 200 }),
  sequences: fc.integer({ min: 1, max: 3 }),
  priority: fc.integer({ min: -1, max: 1 }),
  priorityClass: fc.option(fc.constantFrom(...PRIORITY_CLASSES), { nil: undefined }),
  deadlineMs: fc.option(fc.integer({ min: 0, max: 3000 }), { nil: undefined, freq: 5 }),
  request: fc.integer({ min: 0, max: 5 }),
  returning: fc.option(fc.boolean(), { nil: undefined }),
})
const which = fc.nat(1000)
const step = fc.oneof(
  { weight: 6, arbitrary: enter },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('start' as const), which }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('generate' as const), which, tokens: fc.integer({ min: 1, max: 99 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('leave' as const),
      which,
      outcome: fc.constantFrom<Outcome>('completed', 'cancelled', 'failed'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 4000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('room' as const),
      sequences: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 8, max: 16 })),
      kvTokensFree: fc.nat(500),
    }),
  },
)

const limits = fc.record<TenantLimits>(
  {
    concurrency: fc.integer({ min: 1, max: 3 }),
    tokensPerMinute: fc.integer({ min: 100, max: 100_000 }),
    queueShare: fc.constantFrom(0, 0.3, 1),
    weight: fc.constantFrom(0.5, 1, 3),
  },
  { requiredKeys: [] },
)

const schedules = fc.record({
  steps: fc.array(step, { minLength: 20, maxLength: 150 }),
  limits: fc.record({ a: limits, b: limits, c: fc.constant<TenantLimits>({}) }),
  queueTokens: fc.constantFrom(300, 2000, 100_000),
})

test('whatever happens: nobody is lost, nobody waits for an idle engine, and bounds are kept', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async ({ steps, limits, queueTokens }) => {
      const clock = new VirtualClock()
      let capacity = { sequences: 2, kvTokensFree: 400 }
      const admission = new Admission({ clock, queueTokens, queueTimeMs: 5000, capacity: () => capacity })
      const running: { place: Place; name: string }[] = []
      const waiting = new Set<{ place: Place; name: string }>()
      const seen = { accepted: 0, refused: 0, rejected: 0 }

      const act = (one: (typeof steps)[number]) => {
        if (one.type === 'enter') {
          const { type, name, request, returning, deadlineMs, priorityClass, ...rest } = one
          const tenant = { name, limits: limits[name as 'a' | 'b' | 'c'] }
          const optional = {
            ...(deadlineMs !== undefined && { deadlineMs }),
            ...(returning !== undefined && { returning }),
            ...(priorityClass !== undefined && { priorityClass }),
          }
          try {
            const place = admission.enter({ ...rest, ...optional, tenant, fingerprint: () => `${name} ${request}` })
            seen.accepted++
            const visit = { place, name }
            if (place.turn === undefined) return running.push(visit)
            waiting.add(visit)
            const { waiting: requests, waitingTokens, waitingTokensBound } = admission.snapshot()
            expect(requests === 1 || waitingTokens <= waitingTokensBound).toBe(true)
            place.turn
              .then(
                () => running.push(visit),
                () => seen.rejected++,
              )
              .finally(() => waiting.delete(visit))
          } catch (error) {
            if (!(error instanceof WarplineError)) throw error
            seen.refused++
          }
          return
        }
        if (one.type === 'room') capacity = one
        if (!('which' in one)) return
        const visits = one.type === 'leave' ? [...running, ...waiting] : running
        const visit = visits[one.which % visits.length]
        if (visit === undefined) return
        if (one.type === 'start') visit.place.started(0)
        if (one.type === 'generate') visit.place.generated(one.tokens)
        if (one.type !== 'leave') return
        visit.place.leave(one.outcome)
        if (running.includes(visit)) running.splice(running.indexOf(visit), 1)
      }

      const check = () => {
        const { counts, ...now } = admission.snapshot()
        expect([now.waiting, now.running]).toEqual([waiting.size, running.length])
        expect(counts.accepted).toBe(seen.accepted)
        expect(counts.accepted).toBe(counts.completed + counts.cancelled + counts.failed + now.waiting + now.running)
        expect(Object.values(counts.refused).reduce((sum, count) => sum + count)).toBe(seen.refused)
        expect(now.running === 0 && now.waiting > 0).toBe(false)
        for (const [name, { concurrency = Number.POSITIVE_INFINITY }] of Object.entries(limits)) {
          expect(running.filter(visit => visit.name === name).length).toBeLessThanOrEqual(concurrency)
        }
        const sums = { waiting: 0, running: 0, accepted: 0, refused: 0 }
        for (const { waiting, running, counts } of Object.values(now.classes)) {
          sums.waiting += waiting
          sums.running += running
          sums.accepted += counts.accepted
          sums.refused += counts.refused
        }
        const { accepted, refused } = seen
        expect(sums).toEqual({ waiting: now.waiting, running: now.running, accepted, refused })
        if (now.waiting === 0) expect(now.waitingTokens).toBe(0)
        expect(now.heldTokens).toBeGreaterThanOrEqual(0)
      }

      for (const one of steps) {
        act(one)
        await clock.advance(one.type === 'pass' ? one.ms : 0)
        check()
      }
      for (let visit = running.pop(); visit !== undefined; visit = running.pop()) {
        visit.place.leave('completed')
        await clock.advance(0)
      }
      check()
      await clock.advance(700_000)
      expect(admission.snapshot()).toMatchObject({
        waiting: 0,
        waitingTokens: 0,
        running: 0,
        runningSequences: 0,
        bookings: 0,
        heldTokens: 0,
      })
    }),
    { numRuns: 200 },
  )
})
