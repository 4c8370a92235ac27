import { expect, test } from 'vitest'
import type { RequestRecord } from '../record/request-record.ts'
import { decodeRate } from './decode-rate.ts'

/** An answer with a token at each of these moments, after a prompt of ten. */
function answer(...arrivals: number[]): RequestRecord {
  return {
    arrivalsMs: Float64Array.from(arrivals),
    arrivalTokens: Uint32Array.from(arrivals, () => 1),
    promptTokens: 10,
  } as Partial<RequestRecord> as RequestRecord
}

test('tokens, the time in which some came, how many answers at once, and what lay before each', () => {
  const records = [answer(0, 100, 200, 300), answer(100, 200, 300), answer(600, 700)]
  expect(decodeRate(records, 0, 1000)).toEqual({
    tokens: 6,
    seconds: 0.4,
    // 100 ms of one, 200 ms of two, 100 ms of one.
    batch: 1.5,
    // 11, 12 and 13; 11 and 12; 11.
    context: 70 / 6,
  })
})

test('what lies outside of the window does not count', () => {
  expect(decodeRate([answer(0, 100, 200, 300)], 150, 250)).toEqual({ tokens: 1, seconds: 0.1, batch: 1, context: 12 })
})

test('a prompt alone is no decoding', () => {
  expect(decodeRate([answer(5), answer()], 0, 1000)).toBeNull()
})
