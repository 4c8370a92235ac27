import { expect, it } from 'vitest'
import { memoryLimit } from './memory-limit.ts'

const card = { free: 70e9, total: 80e9 }

it.each([
  ['90%', 62e9],
  ['100%', 70e9],
  [' 12.5 % ', 0],
  ['1GiB', 2 ** 30],
  ['1.5 gib', 1.5 * 2 ** 30],
  ['500MB', 5e8],
])('%j', (text, expected) => {
  if (expected > 0) expect(memoryLimit(text, card)).toBe(expected)
  else expect(() => memoryLimit(text, card)).toThrow('in use already')
})

it.each(['', '90', '-1%', 'half', '1 TiBs'])('%j is refused', text => {
  expect(() => memoryLimit(text, card)).toThrow(`"${text}" is no share of a GPU's memory: write it like 90% or 1GiB`)
})
