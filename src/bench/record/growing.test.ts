import { expect, test } from 'vitest'
import { Growing } from './growing.ts'

const floats = (room?: number) => new Growing(length => new Float64Array(length), room)

test('holds whatever comes, and forgets it when it is cleared', () => {
  const numbers = floats(2)
  for (let i = 0; i < 1000; i++) numbers.push(i / 2)
  const copy = numbers.copy()
  expect([...copy]).toEqual(Array.from({ length: 1000 }, (_, i) => i / 2))
  numbers.clear()
  numbers.push(7)
  expect([...numbers.copy()]).toEqual([7])
  expect(copy[0]).toBe(0)
})

test.each([0, 1, 32, 33, 500])('takes in %i of another', count => {
  const numbers = floats(1)
  const other = floats(4)
  for (let i = 0; i < count; i++) other.push(i)
  numbers.push(-1)
  numbers.append(other)
  numbers.push(-2)
  expect([...numbers.copy()]).toEqual([-1, ...Array.from({ length: count }, (_, i) => i), -2])
})
