import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from './errors.ts'
import { type JsonObject, parseJson, readJson } from './json.ts'
import { JsonFields } from './json-fields.ts'
import { TemporaryDirectory } from './safetensors/testing.ts'

describe('parseJson', () => {
  test('agrees with JSON.parse on whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(JSON.stringify(parseJson(text, 'f'))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test('refuses with FormatError alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,0.-eE+tru\\n \n') }), text => {
        let ours: unknown
        try {
          ours = parseJson(text, 'f')
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
          return
        }
        expect(JSON.stringify(ours)).toBe(JSON.stringify(JSON.parse(text)))
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['', 'line 1, column 1: the text ends here'],
    ['{"a": 1,\n "a": 2}', 'line 2, column 2: the key "a" comes twice'],
    ['{"a": 1, "\\u0061": 2}', 'line 1, column 10: the key "a" comes twice'],
    ['{"__proto__": 1, "__proto__": 2}', 'line 1, column 18: the key "__proto__" comes twice'],
    ['{"a": 1,}', 'line 1, column 9: a key in double quotes belongs here'],
    ['[1,]', 'line 1, column 4: no value begins so'],
    ['{"a" 1}', 'line 1, column 6: ":" belongs here'],
    ['{} {}', 'line 1, column 4: something follows the end'],
    ['"a', 'line 1, column 1: this string never ends'],
    ['"\\x"', 'line 1, column 1: this string holds a bad escape'],
    ['"a\nb"', 'line 1, column 3: a control character stands in a string'],
    ['NaN', 'line 1, column 1: no value begins so'],
    ['{"rms_norm_eps": NaN}', 'line 1, column 18: no value begins so'],
    ['Infinity', 'line 1, column 1: no value begins so'],
    ['1e400', 'line 1, column 1: this number is too large'],
    ['01', 'line 1, column 2: something follows the end'],
    ['\ufeff{}', 'line 1, column 1: no value begins so'],
    ['// no\n{}', 'line 1, column 1: no value begins so'],
    ['['.repeat(100_000), 'line 1, column 65: nested more than 64 deep'],
    ['{"a":'.repeat(100_000), 'line 1, column 321: nested more than 64 deep'],
  ])('%.20j: %s', (text, reason) => {
    expect(() => parseJson(text, 'f.json')).toThrow(new FormatError('f.json', `is not strict JSON at ${reason}`))
  })

  test('bounds the number of values', () => {
    expect(() => parseJson(`[${'0,'.repeat(10)}0]`, 'f', { maxValues: 10 })).toThrow('more than 10 values')
  })

  test('holds __proto__ as a key as any other', () => {
    const object = parseJson('{"__proto__": {"polluted": true}, "constructor": 1}', 'f') as JsonObject
    expect(Object.keys(object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(object.toString).toBeUndefined()
  })
})

test('readJson refuses what is not a file, too large or not UTF-8', () => {
  using directory = new TemporaryDirectory({ 'a.json': '[1, 2]', 'b.json': Uint8Array.of(0x22, 0xff, 0x22) })
  const path = (name: string) => `${directory.path}/${name}`
  expect(readJson(path('a.json'))).toEqual([1, 2])
  expect(() => readJson(path('a.json'), { maxBytes: 5 })).toThrow(`${path('a.json')}: has 6 bytes; at most 5 are read`)
  expect(() => readJson(path('b.json'))).toThrow(`${path('b.json')}: is not valid UTF-8`)
  expect(() => readJson(path('c.json'))).toThrow(`${path('c.json')}: there is no such file`)
  expect(() => readJson(directory.path)).toThrow(`${directory.path}: is a directory, not a file`)
  expect(() => readJson('/dev/null')).toThrow('/dev/null: is not a regular file')
})

test.each<[name: string, read: (fields: JsonFields) => unknown, reason: string]>([
  ['missing', f => f.integer('nothing', { min: 0, max: 9 }), '"in.nothing" is missing'],
  ['null', f => f.integer('nil', { min: 0, max: 9 }), '"in.nil" is missing'],
  ['string', f => f.integer('text', { min: 0, max: 9 }), '"in.text" is the string "1", not a number'],
  ['list', f => f.string('list'), '"in.list" is a list, not a string'],
  ['fraction', f => f.integer('half', { min: 0, max: 9 }), '"in.half" is 0.5, not a whole number'],
  ['range', f => f.number('half', { min: 1, max: 9 }), '"in.half" is 0.5, outside 1 … 9'],
  ['past 2^53', f => f.integer('large', { min: 0, max: 1e17 }), '"in.large" is 9007199254740992, not a whole number'],
  ['boolean', f => f.boolean('text', true), '"in.text" is the string "1", not true or false'],
  ['items', f => f.integers('list', { min: 0, max: 9 }), '"in.list[1]" is the string "2", not a number'],
  ['child', f => f.child('text'), '"in.text" is not an object'],
  ['dressed up', f => f.string('a\n\u202e'.repeat(50)), `"in.${'a\\n\\u202e'.repeat(25)}a\\n…" is missing`],
])('JsonFields: %s', (_, read, reason) => {
  const json = '{"nil": null, "text": "1", "half": 0.5, "large": 9007199254740993, "list": [1, "2"]}'
  const fields = JsonFields.of('f.json', parseJson(json, 'f.json'), 'in.')
  expect(() => read(fields)).toThrow(new FormatError('f.json', reason))
})
