import { expect, it } from 'vitest'
import { POLL_DEFAULTS, pauseAfter } from './poll-options.ts'

it.each([
  ['just now', -1, 0],
  ['a moment ago', 0.1, 0],
  ['longer ago than it spins', 0.2, 1],
  ['a few pauses ago', 8, 1],
  ['a while ago', 40, 5],
  ['long ago', 1000, 10],
])('asks again, where something came %s, after a pause that fits', (_, silentMs, pause) => {
  expect(pauseAfter(silentMs, POLL_DEFAULTS)).toBe(pause)
})

it('keeps short pauses where latency is told to matter', () => {
  expect(pauseAfter(60_000, { ...POLL_DEFAULTS, maxSleepMs: 1 })).toBe(1)
  expect(pauseAfter(60_000, { spinMs: 0, sleepMs: 2, maxSleepMs: 1 })).toBe(2)
})
