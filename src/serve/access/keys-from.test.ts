import { describe, expect, test } from 'vitest'
import { digestOf } from './key.ts'
import { keysFrom, keysFromEnvironment } from './keys-from.ts'

const KEY = 'abcdefghijklmnop'
const HEX = digestOf(KEY).toString('hex')

test('a file says who each key belongs to and how far it reaches', () => {
  const text = `\ufeff# people
alice ${KEY}
bob   sha256:${HEX.replace(/^./, '0').toUpperCase()} concurrency=8 tokens-per-minute=60000 queue-share=0.5 weight=2\r

  ops\tthe-key-of-operations admin`
  expect(keysFrom(text)).toEqual([
    { name: 'alice', digest: digestOf(KEY), admin: false, limits: {} },
    {
      name: 'bob',
      digest: Buffer.from(HEX.replace(/^./, '0'), 'hex'),
      admin: false,
      limits: { concurrency: 8, tokensPerMinute: 60000, queueShare: 0.5, weight: 2 },
    },
    { name: 'ops', digest: digestOf('the-key-of-operations'), admin: true, limits: {} },
  ])
})

test('a file says which class a key’s requests are of', () => {
  const text = `batch ${KEY} class=bulk weight=2\nops the-key-of-operations class=system admin`
  expect(keysFrom(text)).toMatchObject([{ priorityClass: 'bulk' }, { priorityClass: 'system', admin: true }])
})

test('keys that stand alone are numbered, as in files for llama.cpp', () => {
  const keys = keysFrom(`${KEY}1\n# another\n${KEY}2\nsha256:${HEX}\n`)
  expect(keys.map(({ name }) => name)).toEqual(['key-1', 'key-2', 'key-3'])
  expect(keys.map(({ digest }) => digest)).toEqual([digestOf(`${KEY}1`), digestOf(`${KEY}2`), digestOf(KEY)])
})

describe('what is wrong is told by its line, without a word of it', () => {
  test.each([
    ['', 'there is no key in it'],
    ['# nothing\n\n', 'there is no key in it'],
    ['secret', 'line 1: the key is shorter than 16 characters'],
    [`alice ${KEY.slice(1)}`, 'line 1: the key is shorter than 16 characters'],
    [`alice ${'x'.repeat(513)}`, 'line 1: the key is longer than 512 characters'],
    [`\nalice ${KEY}é`, 'line 2: a key is made of visible ASCII characters'],
    ['alice sha256:1234', 'line 1: behind sha256: come 64 hexadecimal digits'],
    [`sha256:${HEX}0`, 'line 1: behind sha256: come 64 hexadecimal digits'],
    [`al!ce ${KEY}`, 'line 1: a name is 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen'],
    [`${'a'.repeat(65)} ${KEY}`, 'line 1: a name is 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen'],
    [`a ${KEY}\nb ${KEY}x\na ${KEY}y`, 'line 3: the name of line 1 again'],
    [`a ${KEY}\nb sha256:${HEX}`, 'line 2: the key of line 1 again'],
    [`key-1 ${KEY}\n${KEY}x`, 'line 2: the name of line 1 again'],
    [
      `a ${KEY} secret`,
      'line 1: a setting is unknown: known are admin, class, concurrency, tokens-per-minute, queue-share, weight',
    ],
    [
      `a ${KEY} admin=yes`,
      'line 1: a setting is unknown: known are admin, class, concurrency, tokens-per-minute, queue-share, weight',
    ],
    [`a ${KEY} admin admin`, 'line 1: admin is given twice'],
    [`a ${KEY} weight=1 weight=1`, 'line 1: weight is given twice'],
    [`a ${KEY} concurrency=0`, 'line 1: concurrency must be a whole number from 1'],
    [`a ${KEY} concurrency=1.5`, 'line 1: concurrency must be a whole number from 1'],
    [`a ${KEY} tokens-per-minute=`, 'line 1: tokens-per-minute must be a whole number from 1'],
    [`a ${KEY} tokens-per-minute=1e3`, 'line 1: tokens-per-minute must be a whole number from 1'],
    [`a ${KEY} queue-share=1.01`, 'line 1: queue-share must be a number from 0 to 1'],
    [`a ${KEY} class=urgent`, 'line 1: class must be one of system, interactive, default, bulk'],
    [`a ${KEY} class`, 'line 1: class must be one of system, interactive, default, bulk'],
    [`a ${KEY} class=bulk class=bulk`, 'line 1: class is given twice'],
    [`a ${KEY} class=system`, 'line 1: class=system is for keys that are admin'],
    [`a ${KEY} weight=0`, 'line 1: weight must be a number above 0'],
  ])('%j', (text, message) => {
    expect(() => keysFrom(text)).toThrow(expect.objectContaining({ code: 'invalid_keys', message }))
  })
})

describe('the environment', () => {
  test('has a list for users and one for administrators', () => {
    expect(keysFromEnvironment(`${KEY}, ${KEY}2,`, 'the-key-of-operations')).toEqual([
      { name: 'api-1', digest: digestOf(KEY), admin: false, limits: {} },
      { name: 'api-2', digest: digestOf(`${KEY}2`), admin: false, limits: {} },
      { name: 'admin-1', digest: digestOf('the-key-of-operations'), admin: true, limits: {} },
    ])
  })

  test('may have none', () => {
    expect(keysFromEnvironment(undefined, '')).toEqual([])
  })

  test('names the variable and the key that is wrong', () => {
    expect(() => keysFromEnvironment(KEY, `${KEY},short`)).toThrow(
      'WARPLINE_ADMIN_KEYS: key 2: the key is shorter than 16 characters',
    )
  })
})
