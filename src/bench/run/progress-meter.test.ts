import { expect, test } from 'vitest'
import { ProgressMeter } from './progress-meter.ts'
import type { Extent } from './run.ts'
import type { Last } from './run-books.ts'

const told = (counts: Partial<Last['counts']>, rest: Partial<Last> = {}): Last => ({
  counts: { completed: 0, failed: 0, tokens: 0, firsts: 0, firstsMs: 0, ...counts },
  inFlight: 0,
  phase: 'warm-up',
  ...rest,
})

test('adds up its clients, and tells rates of the last second alone', () => {
  const meter = new ProgressMeter({ warmUp: { seconds: 2 }, measure: { seconds: 8 } })
  meter.read(500, [told({ completed: 10, tokens: 100, firsts: 10, firstsMs: 900 })])
  meter.read(1000, [told({ completed: 20, tokens: 200, firsts: 20, firstsMs: 1800 })])
  const progress = meter.read(2000, [
    told({ completed: 40, failed: 2, tokens: 700, firsts: 30, firstsMs: 2000 }, { inFlight: 3, phase: 'measure' }),
    told({ completed: 5, failed: 1, tokens: 100, firsts: 10, firstsMs: 400 }, { inFlight: 1 }),
  ])
  expect(progress).toEqual({
    phase: 'measure',
    elapsedMs: 2000,
    done: 0.2,
    inFlight: 4,
    completed: 45,
    failed: 3,
    outputTokensPerSecond: 600,
    requestsPerSecond: 25,
    firstTokenMs: 30,
  })
  expect(meter.read(3500, [told({ completed: 45, tokens: 800, firsts: 40, firstsMs: 2400 })])).toMatchObject({
    requestsPerSecond: 0,
    outputTokensPerSecond: 0,
    firstTokenMs: null,
  })
})

test.each<[Extent, Extent, number]>([
  [{ seconds: 2 }, { seconds: 2 }, 0.25],
  [{ seconds: 0 }, { seconds: 0.5 }, 1],
  [{ requests: 10 }, { requests: 50 }, 0.5],
  [{ seconds: 2 }, { requests: 60 }, 0.05 + 0.45],
  [{ requests: 30 }, { seconds: 2 }, 0.1 + 0.45],
])('how much is done of %j and %j', (warmUp, measure, done) => {
  const meter = new ProgressMeter({ warmUp, measure })
  expect(meter.read(1000, [told({ completed: 28, failed: 2 })]).done).toBeCloseTo(done)
})
