import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Line } from './line.ts'

test('holds what a list would, from both ends', () => {
  const step = fc.oneof(
    fc.constantFrom('first', 'last'),
    fc.array(fc.integer({ min: 100, max: 200 }), { maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.nat(8), fc.array(step), (length, steps) => {
      const jobs = Array.from({ length }, (_, i) => i)
      const line = new Line([...jobs])
      for (const each of steps) {
        if (each === 'first') expect(line.takeFirst()).toBe(jobs.shift())
        else if (each === 'last') expect(line.takeLast()).toBe(jobs.pop())
        else {
          line.putBack(each)
          jobs.unshift(...each)
        }
        expect(line.length).toBe(jobs.length)
      }
    }),
  )
})
