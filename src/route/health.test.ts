import { expect, test } from 'vitest'
import { VirtualClock } from '../clock/index.ts'
import type { EngineHealth } from '../engine/index.ts'
import { HealthWatch, type Look, phaseOf } from './health.ts'

const READY: EngineHealth = { status: 'ready' }
const FAILED: EngineHealth = { status: 'failed', reason: 'out of memory' }

/** Takes the looks one after another, the last again and again; a look each 100 ms, the first at once. */
function watched(looks: readonly Look[], options = {}) {
  const clock = new VirtualClock()
  let count = 0
  let changes = 0
  const look = () => looks[Math.min(count++, looks.length - 1)]!()
  const watch = new HealthWatch(look, clock, { intervalMs: 100, ill: 2, well: 2, ...options }, () => changes++)
  return { clock, watch, seen: () => ({ count, changes, isWell: watch.isWell }) }
}

const ready = () => READY
const failed = () => FAILED
const throws = () => Promise.reject(new Error('no connection'))

test('is ill after several looks in a row, and well again after several', async () => {
  const { clock, watch, seen } = watched([ready, failed, ready, failed, failed, ready, ready])
  await clock.advance(350)
  expect(seen()).toEqual({ count: 4, changes: 0, isWell: true })
  await clock.advance(100)
  expect(seen()).toEqual({ count: 5, changes: 1, isWell: false })
  expect(watch.reason).toBe('out of memory')
  await clock.advance(100)
  expect(watch.isWell).toBe(false)
  await clock.advance(100)
  expect(seen()).toEqual({ count: 7, changes: 2, isWell: true })
})

test('a look that fails counts as ill', async () => {
  const { clock, watch } = watched([throws])
  await clock.advance(150)
  expect([watch.isWell, watch.reason]).toEqual([false, 'no connection'])
})

test('a look that does not end counts as ill, and the next is taken in time', async () => {
  const { clock, watch, seen } = watched([() => new Promise(() => {})])
  await clock.advance(250)
  expect(seen()).toEqual({ count: 3, changes: 1, isWell: false })
  expect(watch.reason).toBe('it does not tell how it is within 100 ms')
})

test('what comes too late is not heard', async () => {
  let answer: (health: EngineHealth) => void = () => {}
  const slow = () => new Promise<EngineHealth>(resolve => (answer = resolve))
  const { clock, watch } = watched([slow, failed], { ill: 1, well: 1 })
  await clock.advance(150)
  answer(READY)
  await clock.advance(0)
  expect(watch.isWell).toBe(false)
})

test('stopped, it looks no more', async () => {
  const { clock, watch, seen } = watched([failed])
  await clock.advance(50)
  watch.stop()
  await clock.advance(1000)
  expect(seen()).toEqual({ count: 1, changes: 0, isWell: true })
})

const well = { isWell: true, reason: undefined }
const ill = { isWell: false, reason: 'out of memory' }

test.each([
  [{ isOpen: false, isDraining: false, health: undefined, breaker: 'closed' }, { phase: 'opening' }],
  [{ isOpen: true, isDraining: true, health: ill, breaker: 'open' }, { phase: 'draining' }],
  [{ isOpen: true, isDraining: false, health: well, breaker: 'closed' }, { phase: 'ready' }],
  [{ isOpen: true, isDraining: false, health: well, breaker: 'half-open' }, { phase: 'ready' }],
  [
    { isOpen: true, isDraining: false, health: ill, breaker: 'closed' },
    { phase: 'ejected', reason: 'out of memory' },
  ],
  [
    { isOpen: true, isDraining: false, health: well, breaker: 'open' },
    { phase: 'ejected', reason: 'its last requests failed' },
  ],
] as const)('%o is told as %o', (signs, expected) => {
  expect(phaseOf(signs)).toEqual(expected)
})
