import { expect, test } from 'vitest'
import { interval, number, percent, whole } from './numbers.ts'

test.each([
  [0, '0'],
  [0.01234, '0.012'],
  [1.234, '1.23'],
  [9.999, '10.00'],
  [12.34, '12.3'],
  [123.4, '123'],
  [12345.6, '12,346'],
  [-1.234, '-1.23'],
  [null, '–'],
  [undefined, '–'],
  [Number.NaN, '–'],
  [Number.POSITIVE_INFINITY, '–'],
])('%j is written %s', (value, text) => {
  expect(number(value)).toBe(text)
})

test('shares, counts and intervals', () => {
  expect([percent(0.93456), percent(1), percent(null), percent(0 / 0)]).toEqual(['93.5 %', '100.0 %', '–', '–'])
  expect([whole(1234.5), whole(0), whole(Number.NaN)]).toEqual(['1,235', '0', '–'])
  expect(interval({ value: 2, low: 1.5, high: 2.25 })).toBe('1.50 – 2.25')
  expect(interval({ value: 2, low: null, high: null })).toBeUndefined()
})
