import { expect, test } from 'vitest'
import { contextOf, nameOf, worksOf } from './work.ts'

test('every combination, prompts first, and a length of 0 is none', () => {
  const works = worksOf({ prompts: [512], answers: [0, 128], depths: [0, 2048], batches: [1, 8] })
  expect(works.map(work => `${nameOf(work)} × ${work.batch}`)).toEqual([
    'pp512 × 1',
    'pp512 × 8',
    'pp512 @ d2048 × 1',
    'pp512 @ d2048 × 8',
    'tg128 × 1',
    'tg128 × 8',
    'tg128 @ d2048 × 1',
    'tg128 @ d2048 × 8',
  ])
})

test('a context holds what lies before, the work, and what steps in flight add', () => {
  expect(contextOf({ kind: 'generate', batch: 1, depth: 2048, tokens: 128 })).toBeGreaterThan(2048 + 128)
})
