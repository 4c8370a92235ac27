import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../clock/index.ts'
import { Admission } from './admission.ts'
import { PRIORITY_CLASSES, type PriorityClass } from './priority-class.ts'
import type { Place } from './request.ts'

const AGEING_MS: Readonly<Record<PriorityClass, number>> = {
  system: Number.POSITIVE_INFINITY,
  interactive: 700,
  default: 1000,
  bulk: 1500,
}

interface Waiting {
  readonly name: number
  readonly rank: number
  readonly ageingMs: number
  readonly arrivedAt: number
}

/** Who is next, told as plainly as can be: by the rank come to, then who came first, then the higher class. */
function nextOf(waiting: readonly Waiting[], now: number): Waiting {
  const keys = (one: Waiting) => [
    Math.max(0, one.rank - Math.floor((now - one.arrivedAt) / one.ageingMs)),
    one.arrivedAt,
    one.rank,
    one.name,
  ]
  const isBefore = (a: Waiting, b: Waiting) => {
    const [left, right] = [keys(a), keys(b)]
    const at = left.findIndex((key, i) => key !== right[i])
    return left[at]! < right[at]!
  }
  return waiting.reduce((first, one) => (isBefore(one, first) ? one : first))
}

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ enter: fc.constantFrom(...PRIORITY_CLASSES) }) },
    { weight: 2, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 900 }) }) },
    { weight: 2, arbitrary: fc.constant('leave' as const) },
  ),
  { minLength: 10, maxLength: 80 },
)

test('one after the other, whoever has come to the highest rank starts', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async steps => {
      const clock = new VirtualClock()
      const admission = new Admission({
        clock,
        queueTokens: 1e9,
        queueTimeMs: 1e9,
        // The one that is let in ahead is in the engine, too.
        capacity: () => ({ sequences: 1, kvTokensFree: Number.POSITIVE_INFINITY }),
        classes: {
          interactive: { ageingMs: AGEING_MS.interactive },
          default: { ageingMs: AGEING_MS.default },
          bulk: { ageingMs: AGEING_MS.bulk },
        },
      })
      const tenant = { name: 'a', limits: {} }
      const running: Place[] = []
      const waiting: Waiting[] = []
      const started: number[] = []
      const expected: number[] = []
      let names = 0

      const enter = (priorityClass: PriorityClass) => {
        const request = { tenant, promptTokens: 1, outputTokens: 1, sequences: 1, priority: 0, priorityClass }
        const place = admission.enter(request)
        const name = ++names
        if (place.turn === undefined) return running.push(place)
        const rank = PRIORITY_CLASSES.indexOf(priorityClass)
        waiting.push({ name, rank, ageingMs: AGEING_MS[priorityClass], arrivedAt: clock.now() })
        place.turn.then(() => {
          started.push(name)
          running.push(place)
        })
      }
      const leave = async () => {
        const place = running.shift()
        if (place === undefined) return
        if (waiting.length > 0) {
          const next = nextOf(waiting, clock.now())
          waiting.splice(waiting.indexOf(next), 1)
          expected.push(next.name)
        }
        place.leave('completed')
        await clock.advance(0)
      }

      for (const step of steps) {
        if (step === 'leave') await leave()
        else if ('pass' in step) await clock.advance(step.pass)
        else enter(step.enter)
      }
      while (running.length > 0) await leave()
      expect(waiting).toEqual([])
      expect(started).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})
