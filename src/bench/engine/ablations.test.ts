import { expect, test } from 'vitest'
import { TECHNIQUES } from '../../native/index.ts'
import { ablations } from './ablations.ts'

const names = Object.keys(TECHNIQUES)

test('nothing, each by itself, and all of them', () => {
  expect(ablations()).toEqual([[], ...names.map(name => [name]), names])
})

test('what is off already is not turned off again', () => {
  const rest = names.filter(name => name !== 'graphs')
  expect(ablations(['graphs'])).toEqual([[], ...rest.map(name => [name]), rest])
  expect(ablations(names)).toEqual([[]])
})
