import { expect, test } from 'vitest'
import { InvalidTargetError } from '../engine/index.ts'
import { openMock, parseMockUrl, VirtualClock } from './index.ts'

test.each([
  ['mock:', {}],
  ['mock:?', {}],
  [
    'mock:?ttft=20ms&itl=500us&perseq=0.01ms&prefill=8000tok/s',
    { ttftMs: 20, itlMs: 0.5, perSequenceMs: 0.01, prefillTokensPerSecond: 8000 },
  ],
  [
    'mock:?vocab=100&context=64&slots=8&tokens=5&seed=7&load=1.5s&cache=off&model=a%20b',
    {
      vocabSize: 100,
      contextLength: 64,
      slots: 8,
      tokens: 5,
      seed: 7,
      loadMs: 1500,
      prefixCache: false,
      model: 'a b',
    },
  ],
  [
    'mock:?steps=own&pace=precise&stall=2s@10.5s',
    { steps: 'own', pace: 'precise', stall: { afterMs: 10_500, forMs: 2000 } },
  ],
])('%s', (url, options) => expect(parseMockUrl(url)).toEqual(options))

test.each([
  ['mock', 'mock is no mock target: write mock: or mock:?ttft=20ms&itl=5ms'],
  ['mock:ember', 'mock:ember is no mock target: write mock: or mock:?ttft=20ms&itl=5ms'],
  [
    'mock:?tfft=1ms',
    'mock: has no setting tfft; known are ttft, itl, perseq, prefill, vocab, context, slots, tokens, seed, cache, model, load, steps, pace, stall',
  ],
  [
    'mock:?constructor=1',
    'mock: has no setting constructor; known are ttft, itl, perseq, prefill, vocab, context, slots, tokens, seed, cache, model, load, steps, pace, stall',
  ],
  ['mock:?ttft=20', 'mock: ttft=20: give a number with a unit: us, ms or s'],
  ['mock:?ttft=-1ms', 'mock: ttft=-1ms: give a number with a unit: us, ms or s'],
  ['mock:?itl=9999s', 'mock: itl=9999s: more than an hour'],
  ['mock:?prefill=0', 'mock: prefill=0: give tokens per second, e.g. 8000tok/s'],
  ['mock:?slots=0', 'mock: slots=0: give a whole number from 1 to 1048576'],
  ['mock:?slots=1e3', 'mock: slots=1e3: give a whole number from 1 to 1048576'],
  ['mock:?cache=yes', 'mock: cache=yes: give on or off'],
  ['mock:?steps=mine', 'mock: steps=mine: give common or own'],
  ['mock:?stall=2s', 'mock: stall=2s: give how long and when, e.g. 2s@10s'],
  ['mock:?stall=2s@10', 'mock: stall=2s@10: give a number with a unit: us, ms or s'],
  ['mock:?seed=1&seed=2', 'mock: seed is given twice'],
])('%s is refused', (url, message) => {
  expect(() => parseMockUrl(url)).toThrow(InvalidTargetError)
  expect(() => parseMockUrl(url)).toThrow(message)
})

test('opening takes as long as load says', async () => {
  const clock = new VirtualClock()
  let opened = false
  const opening = openMock('mock:?load=50ms', { clock }).then(() => {
    opened = true
  })
  await clock.advance(49.9)
  expect(opened).toBe(false)
  await clock.advance(0.1)
  await opening
})
