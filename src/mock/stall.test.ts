import { expect, test } from 'vitest'
import { Stall } from './stall.ts'

const stall = new Stall({ afterMs: 100, forMs: 50 })
stall.begin(1000)

test.each([
  ['before it', 1000, 100, 1100],
  ['into it', 1090, 20, 1160],
  ['over it, by far', 1000, 1000, 2050],
  ['from its first moment', 1100, 20, 1170],
  ['from within it', 1149, 20, 1170],
  ['from its end', 1150, 20, 1170],
])('work that goes %s', (_, at, ms, done) => expect(stall.after(at, ms)).toBe(done))

test('there is none before the first request', () => {
  expect(new Stall({ afterMs: 0, forMs: 1000 }).after(5, 7)).toBe(12)
})
