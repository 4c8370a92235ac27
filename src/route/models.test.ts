import { describe, expect, test } from 'vitest'
import { InvalidTargetError, ModelNotFoundError } from '../engine/index.ts'
import { Random } from '../statistics/index.ts'
import { ModelTable, servedModels } from './models.ts'
import type { ModelRoute } from './router.ts'

const all = () => true
const never = () => {
  throw new Error('chance was asked')
}
const at = (...names: string[]) => names.map(name => ({ name }))

const table = new ModelTable([
  { name: 'large', aliases: ['gpt-4', 'large'], upstreams: at('a', 'b'), fallbacks: ['small', 'tiny'] },
  { name: 'small', upstreams: at('c') },
  { name: 'tiny', upstreams: at('d'), fallbacks: ['small'] },
])

test.each([
  [undefined, 'large'],
  ['large', 'large'],
  ['gpt-4', 'large'],
  ['small', 'small'],
])('%s is answered by %s', (asked, model) => {
  expect(table.resolve(asked, all, never).model).toBe(model)
})

test('a model’s own upstreams come first, then those of its fallbacks, and not of theirs', () => {
  expect(table.resolve('large', all, never).tiers).toEqual([
    { model: 'large', upstreams: ['a', 'b'] },
    { model: 'small', upstreams: ['c'] },
    { model: 'tiny', upstreams: ['d'] },
  ])
})

test('who is not available is left out, and a tier of such alone too', () => {
  expect(table.resolve('large', name => name === 'b' || name === 'd', never).tiers).toEqual([
    { model: 'large', upstreams: ['b'] },
    { model: 'tiny', upstreams: ['d'] },
  ])
  expect(table.resolve('tiny', () => false, never).tiers).toEqual([])
})

test('a model that is not there is named beside those that are', () => {
  expect(() => table.resolve('grand', all, never)).toThrowErrorMatchingInlineSnapshot(
    `[ModelNotFoundError: the model "grand" is not served; there are large, small, tiny]`,
  )
  expect(() => new ModelTable([]).resolve('large', all, never)).toThrow(ModelNotFoundError)
})

test('where no model is known yet, whoever asks for none in particular may ask again', () => {
  expect(new ModelTable([]).resolve(undefined, all, never)).toEqual({ model: undefined, tiers: [] })
})

test('unlike weights split requests by chance, like ones are the policy’s to choose among', () => {
  const canary = new ModelTable([
    {
      name: 'm',
      upstreams: [
        { name: 'old-1', weight: 45 },
        { name: 'old-2', weight: 45 },
        { name: 'new', weight: 10 },
      ],
    },
  ])
  const random = new Random(1)
  let first = 0
  for (let i = 0; i < 2000; i++) {
    const { tiers } = canary.resolve('m', all, () => random.next())
    expect(tiers.map(({ upstreams }) => upstreams.join()).toSorted()).toEqual(['new', 'old-1,old-2'])
    if (tiers[0]!.upstreams.length === 1) first++
  }
  expect(first / 2000).toBeCloseTo(0.1, 1)
})

describe('a table that cannot be right is refused', () => {
  const one: ModelRoute = { name: 'm', upstreams: at('a') }
  test.each<[string, readonly ModelRoute[]]>([
    ['two models are called m', [one, { ...one, name: 'n', aliases: ['m'] }]],
    ['the model m has no upstreams', [{ ...one, upstreams: [] }]],
    ['the model m falls back to n, which is not there', [{ ...one, fallbacks: ['n'] }]],
    ["a's weight for the model m must be a number above 0", [{ ...one, upstreams: [{ name: 'a', weight: 0 }] }]],
  ])('%s', (message, routes) => {
    expect(() => new ModelTable(routes)).toThrow(new InvalidTargetError(message))
  })
})

test('without a table, each model is at those that serve it', () => {
  const served = servedModels([
    { name: 'a', models: ['ember'] },
    { name: 'b', models: ['ash', 'ember', 'ash'] },
  ])
  expect(served).toEqual([
    { name: 'ember', upstreams: at('a', 'b') },
    { name: 'ash', upstreams: at('b') },
  ])
})
