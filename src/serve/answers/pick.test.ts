import { expect, test } from 'vitest'
import { pick } from './pick.ts'

const answer = { content: 'a', timings: { predicted_n: 2 }, list: ['x'] }

test.each<[string[], object]>([
  [['content'], { content: 'a' }],
  [['timings/predicted_n', 'content'], { 'timings/predicted_n': 2, content: 'a' }],
  [['timings'], { timings: { predicted_n: 2 } }],
  [['nothing', 'timings/nothing', 'content/length', ''], {}],
  [['constructor', '__proto__/toString', 'list/length'], { 'list/length': 1 }],
  [[], {}],
])('%j', (names, expected) => {
  expect(pick(answer, names)).toEqual(expected)
})
