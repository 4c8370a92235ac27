import { afterEach, expect, test, vi } from 'vitest'
import { RequestTimeline } from './request-timeline.ts'

afterEach(() => vi.restoreAllMocks())

/** A timeline of a request whose head had arrived at 1000, kept by a clock that is set. */
function kept(maxEntries?: number) {
  const now = vi.spyOn(performance, 'now')
  const at = (ms: number) => now.mockReturnValue(1000 + ms)
  const timeline = new RequestTimeline(1000, maxEntries)
  at(0.5)
  timeline.queued()
  at(2.0004)
  timeline.admitted()
  return { timeline, at }
}

test('counts from the arrival, to a µs; the engine’s own wait follows the admission', () => {
  const { timeline, at } = kept()
  timeline.tokens(1010.1234567, 1)
  timeline.tokens(1012, 3)
  timeline.began(4)
  at(12.5)
  expect(timeline.end()).toEqual({
    queuedAt: 0.5,
    admittedAt: 2,
    startedAt: 6,
    tokensAt: [10.123, 12],
    tokens: [1, 3],
    endedAt: 12.5,
  })
})

test('of several prompts the one that began first counts, and none begins after its tokens', () => {
  const { timeline, at } = kept()
  timeline.began(30)
  timeline.tokens(1010, 1)
  timeline.began(20)
  at(40)
  expect(timeline.end().startedAt).toBe(10)
})

test('an engine whose clock is another one puts nothing in front of its admission', () => {
  const { timeline, at } = kept()
  timeline.began(-7)
  timeline.tokens(1010, 1)
  at(11)
  expect(timeline.end()).toMatchObject({ admittedAt: 2, startedAt: 2 })
})

test('an answer without a token began when it ended, at the latest', () => {
  const { timeline, at } = kept()
  at(3)
  expect(timeline.end()).toMatchObject({ startedAt: 3, tokensAt: [], endedAt: 3 })
})

test('is bounded: what comes later goes into the last entry, and no token is lost', () => {
  const { timeline } = kept(3)
  for (let i = 1; i <= 10; i++) timeline.tokens(1000 + i, i)
  expect(timeline.end()).toMatchObject({ tokensAt: [1, 2, 10], tokens: [1, 2, 52] })
})
