import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../clock/index.ts'
import {
  AbortedError,
  ContextLengthError,
  DeadlineExceededError,
  EngineClosedError,
  InternalError,
  InvalidRequestError,
  OverloadedError,
  UnauthorizedError,
  UnreachableError,
} from '../engine/index.ts'
import { Breaker, isFault, type PassOutcome } from './breaker.ts'

function breakerOf(options = {}) {
  const clock = new VirtualClock()
  const breaker = new Breaker({ failures: 3, openMs: 100, successes: 2, ...options }, clock)
  const end = (...outcomes: PassOutcome[]) => {
    for (const outcome of outcomes) breaker.pass().end(outcome)
  }
  return { clock, breaker, end }
}

test('opens after failures in a row, and not after as many with a success between', () => {
  const { breaker, end } = breakerOf()
  end('failed', 'failed', 'succeeded', 'failed', 'failed')
  expect(breaker.state).toBe('closed')
  end('failed')
  expect([breaker.state, breaker.mayPass, breaker.retryAfterMs]).toEqual(['open', false, 100])
})

test('what says nothing of the engine counts neither way', () => {
  const { breaker, end } = breakerOf()
  end('failed', 'failed', 'neither', 'failed')
  expect(breaker.state).toBe('open')
})

test('half open, lets one through at a time until enough succeeded', async () => {
  const { breaker, clock, end } = breakerOf()
  end('failed', 'failed', 'failed')
  await clock.advance(99)
  expect(breaker.mayPass).toBe(false)
  await clock.advance(1)
  expect([breaker.state, breaker.mayPass, breaker.retryAfterMs]).toEqual(['half-open', true, 0])
  const first = breaker.pass()
  expect(breaker.mayPass).toBe(false)
  first.end('succeeded')
  first.end('failed')
  expect([breaker.state, breaker.mayPass]).toEqual(['half-open', true])
  end('succeeded')
  expect(breaker.state).toBe('closed')
})

test('half open, one that leaves makes room for the next', async () => {
  const { breaker, clock, end } = breakerOf()
  end('failed', 'failed', 'failed')
  await clock.advance(100)
  end('neither')
  expect([breaker.state, breaker.mayPass]).toEqual(['half-open', true])
})

test('is open twice as long each time that a trial fails, up to 16 times, and begins anew once closed', async () => {
  const { breaker, clock, end } = breakerOf()
  end('failed', 'failed', 'failed')
  const waits: number[] = []
  for (let i = 0; i < 6; i++) {
    waits.push(breaker.retryAfterMs)
    await clock.advance(breaker.retryAfterMs)
    end('failed')
  }
  expect(waits).toEqual([100, 200, 400, 800, 1600, 1600])
  await clock.advance(1600)
  end('succeeded', 'succeeded', 'failed', 'failed', 'failed')
  expect(breaker.retryAfterMs).toBe(100)
})

test('what was let through before it opened or closed says nothing any more', async () => {
  const { breaker, clock, end } = breakerOf()
  const late = [breaker.pass(), breaker.pass(), breaker.pass()]
  end('failed', 'failed', 'failed')
  late[0]!.end('failed')
  expect(breaker.retryAfterMs).toBe(100)
  await clock.advance(100)
  const trial = breaker.pass()
  late[1]!.end('succeeded')
  late[2]!.end('failed')
  expect([breaker.state, breaker.mayPass]).toEqual(['half-open', false])
  trial.end('succeeded')
  end('succeeded')
  expect(breaker.state).toBe('closed')
})

test('an engine that was opened anew is trusted', () => {
  const { breaker, end } = breakerOf()
  end('failed', 'failed', 'failed')
  breaker.reset()
  expect([breaker.state, breaker.mayPass]).toEqual(['closed', true])
})

test('whatever happens, an engine left alone is tried again within 16 times the first wait', async () => {
  const step = fc.record({ wait: fc.nat(2000), outcome: fc.constantFrom('succeeded', 'failed', 'neither') })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
      const clock = { now: () => now }
      let now = 0
      const breaker = new Breaker({ failures: 2, openMs: 100, successes: 2 }, clock)
      for (const { wait, outcome } of steps) {
        now += wait
        const [state, mayPass] = [breaker.state, breaker.mayPass]
        expect(mayPass).toBe(state !== 'open')
        expect(breaker.retryAfterMs).toBeLessThanOrEqual(1600)
        if (mayPass) breaker.pass().end(outcome as PassOutcome)
      }
    }),
  )
})

test.each([
  [new UnreachableError('gone'), true],
  [new EngineClosedError(), true],
  [new InternalError('a fault'), true],
  [new TypeError('a bug'), true],
  [new OverloadedError('full'), false],
  [new InvalidRequestError('wrong'), false],
  [new ContextLengthError(10, 5), false],
  [new AbortedError(), false],
  [new DeadlineExceededError('late'), false],
  [new UnauthorizedError('no'), false],
])('%s speaks against the engine: %s', (error, expected) => {
  expect(isFault(error)).toBe(expected)
})
