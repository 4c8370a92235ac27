import { expect, it } from 'vitest'
import { choice, device, flag, number, numbers, size, text, texts, type ValueType } from './value-types.ts'

const port = number({ min: 0, max: 65535, whole: true })
const share = number({ over: 0, max: 1 })
const kind = choice('f32', 'int8')
const batches = numbers({ min: 1, whole: true })

it.each<[ValueType<unknown>, unknown, unknown]>([
  [port, '8090', 8090],
  [port, 8090, 8090],
  [port, '0', 0],
  [port, '65536', undefined],
  [port, '80.5', undefined],
  [port, '', undefined],
  [port, ' ', undefined],
  [port, 'http', undefined],
  [port, null, undefined],
  [port, true, undefined],
  [share, '1', 1],
  [device, 'cuda:1', 'cuda:1'],
  [device, 'cpu-reference', 'cpu-reference'],
  [device, 'cuda:', undefined],
  [device, 'gpu', undefined],
  [share, '0', undefined],
  [share, 'NaN', undefined],
  [number({ min: -2, max: 2 }), '-1.5', -1.5],
  [batches, '1, 8,32', [1, 8, 32]],
  [batches, [1, '8'], [1, 8]],
  [batches, 4, [4]],
  [batches, '1,,8', undefined],
  [batches, '1,0', undefined],
  [kind, 'int8', 'int8'],
  [kind, 'int4', undefined],
  [flag, true, true],
  [flag, '1', true],
  [flag, 'false', false],
  [flag, 'yes', undefined],
  [text, '', ''],
  [text, 5, undefined],
  [texts, 'a', ['a']],
  [texts, ['a', 'b'], ['a', 'b']],
  [texts, ['a', 5], undefined],
  [size, '1024', 1024],
  [size, 1024, 1024],
  [size, '512MiB', 512 * 2 ** 20],
  [size, '1.5 GiB', 1.5 * 2 ** 30],
  [size, '512MB', undefined],
  [size, '0', undefined],
])('%o reads %o as %o', (type, raw, value) => {
  expect(type.read(raw)).toEqual(value)
})

it('says what it expects', () => {
  expect(
    [port, share, number({ over: 0 }), number({ min: 1, whole: true }), kind].map(({ expects }) => expects),
  ).toMatchInlineSnapshot(`
    [
      "a whole number from 0 to 65535",
      "a number above 0 and up to 1",
      "a number above 0",
      "a whole number, 1 or more",
      "one of f32, int8",
    ]
  `)
})
