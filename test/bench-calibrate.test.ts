import { expect, test } from 'vitest'
import { calibrate, knownCalibration } from '../src/bench/calibrate/calibrate.ts'
import type { RunSpec } from '../src/bench/run/run.ts'

const spec: RunSpec = {
  target: 'http://127.0.0.1:9',
  work: {
    kind: 'synthetic',
    prompt: { kind: 'fixed', tokens: 20 },
    output: { kind: 'fixed', tokens: 8 },
    as: 'tokens',
  },
  load: { kind: 'closed', concurrency: 4 },
  seed: 1,
  warmUp: { seconds: 1 },
  measure: { seconds: 1 },
}

test.each([
  ['closed', spec.load],
  ['open', { kind: 'open', rate: 100, arrivals: 'poisson' }],
] as const)('a %s load on a server that answers at once shows what the client makes', async (_, load) => {
  const { requestsPerSecond, tokensPerSecond, ttft, itl } = (await calibrate({ ...spec, load }))!
  expect(requestsPerSecond).toBeGreaterThan(10)
  expect(tokensPerSecond).toBeCloseTo(8 * requestsPerSecond, 3)
  // No client sees what was not sent yet.
  expect(ttft.p50).toBeGreaterThan(0)
  expect(ttft.p99).toBeGreaterThanOrEqual(ttft.p50)
  expect(itl!.p99).toBeGreaterThanOrEqual(itl!.p50)
})

test('answers that come whole have no gaps', async () => {
  const calibration = await calibrate({ ...spec, open: { remote: { streaming: false } } })
  expect(calibration).toMatchObject({ itl: null, requestsPerSecond: expect.any(Number) })
  expect(calibration!.ttft.p50).toBeGreaterThan(0)
})

test('what is known of the client holds for all loads of its kind', async () => {
  const chat: RunSpec = { ...spec, work: { ...spec.work, as: 'chat' } }
  expect(knownCalibration(chat)).toBeNull()
  const calibration = await calibrate(chat)
  expect(calibration).not.toBeNull()
  expect(knownCalibration({ ...chat, target: 'http://127.0.0.1:10', seed: 2, measure: { requests: 9 } })).toBe(
    calibration,
  )
  expect(knownCalibration({ ...chat, load: { kind: 'closed', concurrency: 5 } })).toBeNull()
  expect(knownCalibration({ ...chat, target: 'mock:' })).toBeNull()
})

test('what is not reached over HTTP has no client to be measured, and who is in a hurry waits for none', async () => {
  expect(await calibrate({ ...spec, target: 'mock:' })).toBeNull()
  expect(await calibrate(spec, AbortSignal.abort())).toBeNull()
})
