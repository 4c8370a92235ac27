import { expect, it } from 'vitest'
import { closest } from './closest.ts'

it.each([
  ['prot', 'port'],
  ['max-tokens', 'maxTokens'],
  ['MAXTOKEN', 'maxTokens'],
  ['temprature', 'temperature'],
  ['banana', undefined],
  ['', undefined],
])('finds for %o %o', (word, found) => {
  expect(closest(word, ['port', 'host', 'maxTokens', 'temperature'])).toBe(found)
})
