import { expect, test } from 'vitest'
import { OutputLength } from './output-length.ts'

test('it is the mean of sequences that came one after the other', () => {
  const length = new OutputLength()
  expect(length.mean).toBeUndefined()
  for (let i = 0; i < 1000; i++) {
    length.generated(30)
    length.ended(1)
  }
  expect(length.mean).toBeCloseTo(30)
})

test('the short ones that end first do not make all seem short', () => {
  const length = new OutputLength()
  // 30 of 10 tokens and 30 of 90, side by side: after 10 steps only short ones have ended.
  length.generated(60 * 10)
  length.ended(30)
  expect(length.mean).toBeCloseTo(20)
  length.generated(30 * 80)
  length.ended(30)
  expect(length.mean).toBeGreaterThan(45)
})

test('it follows what comes', () => {
  const length = new OutputLength()
  for (const tokens of [10, 500]) {
    for (let i = 0; i < 500; i++) {
      length.generated(tokens)
      length.ended(1)
    }
    expect(length.mean! / tokens).toBeCloseTo(1, 1)
  }
})
