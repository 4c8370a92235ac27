import { spawnSync } from 'node:child_process'
import { truncateSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../errors.ts'
import { SafetensorsFile } from './safetensors-file.ts'
import { floatTensors, safetensors, TemporaryDirectory } from './testing.ts'

const f32 = (...values: number[]) => Float32Array.from(values)
const tensor = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('reads', () => {
  const values = f32(0, -0, 1, -2.5, 65504, 2 ** -24, -(2 ** -14), Infinity)
  const rows: [dtype: string, bytes: Uint8Array][] = [
    ['F32', new Uint8Array(values.buffer)],
    ['F16', new Uint8Array(Uint16Array.of(0, 0x8000, 0x3c00, 0xc100, 0x7bff, 1, 0x8400, 0x7c00).buffer)],
  ]
  test.each(rows)('%s, whole and in part', (dtype, bytes) => {
    const data = Buffer.concat([Buffer.alloc(4), bytes])
    using directory = new TemporaryDirectory({
      f: safetensors({ a: tensor('U8', [4], 0, 4), b: tensor(dtype, [2, 4], 4, data.length) }, data),
    })
    using file = new SafetensorsFile(`${directory.path}/f`)
    expect(file.tensors.get('b')).toMatchObject({ dtype, shape: [2, 4], bytes: bytes.length })
    expect(file.read('b')).toEqual(values)
    expect(file.read('b', 3)).toEqual(values.slice(3))
    expect(file.read('b', 2, 3)).toEqual(values.slice(2, 5))
    expect(file.read('b', 8)).toEqual(f32())
    const room = new Float32Array(8)
    const into = room.subarray(1, 7)
    expect(file.read('b', 2, 3, into)).toEqual(values.slice(2, 5))
    expect(room).toEqual(f32(0, ...values.slice(2, 5), 0, 0, 0, 0))
    expect(() => file.read('b', 0, 7, into)).toThrow('7 elements of "b" do not fit into 6')
    expect(() => file.read('b', 2, 7)).toThrow(RangeError)
    expect(() => file.read('b', -1, 2)).toThrow(RangeError)
    expect(() => file.read('a')).toThrow('tensor "a" holds U8; floats are read from F32, F16, BF16')
    expect(() => file.read('c')).toThrow('has no tensor "c"')
    expect(file.readBytes('a')).toEqual(new Uint8Array(4))
  })

  test('BF16 is the upper half of F32', () => {
    const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i)
    using directory = new TemporaryDirectory({
      f: safetensors({ a: tensor('BF16', [0x10000], 0, 0x20000) }, new Uint8Array(bits.buffer)),
    })
    using file = new SafetensorsFile(`${directory.path}/f`)
    const expected = Uint32Array.from(bits, b => b * 0x10000)
    expect(new Uint32Array(file.read('a').buffer)).toEqual(expected)
  })

  test('every half', () => {
    const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i)
    using directory = new TemporaryDirectory({
      f: safetensors({ a: tensor('F16', [0x10000], 0, 0x20000) }, new Uint8Array(bits.buffer)),
    })
    using file = new SafetensorsFile(`${directory.path}/f`)
    const expected = Float32Array.from(bits, b => {
      const sign = b & 0x8000 ? -1 : 1
      const [exponent, fraction] = [(b >> 10) & 31, b & 1023]
      if (exponent === 31) return fraction ? NaN : sign * Infinity
      return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024))
    })
    expect(file.read('a')).toEqual(expected)
  })

  test('empty tensors and no tensors', () => {
    using directory = new TemporaryDirectory({
      empty: safetensors('{}  '),
      f: safetensors({ z: tensor('F32', [0, 2 ** 53 - 1], 4, 4), a: tensor('F32', [], 0, 4) }, 4),
    })
    using none = new SafetensorsFile(`${directory.path}/empty`)
    expect(none.tensors.size).toBe(0)
    using file = new SafetensorsFile(`${directory.path}/f`)
    expect([file.read('a'), file.read('z')]).toEqual([f32(0), f32()])
  })
})

const one = tensor('F32', [2], 0, 8)

test.each<[name: string, bytes: Uint8Array, reason: string]>([
  ['empty', Buffer.alloc(0), 'has 0 bytes, too few for a safetensors file'],
  ['short', Buffer.alloc(7), 'has 7 bytes, too few for a safetensors file'],
  ['no header', Buffer.alloc(8), 'has a header that does not begin with "{"'],
  [
    'header over 100 MB',
    safetensors({}, 0, 100_000_001n),
    'says that its header has 100000001 bytes; at most 100000000 are read',
  ],
  [
    'header of 2^64 - 1',
    safetensors({}, 0, 2n ** 64n - 1n),
    'says that its header has 18446744073709551615 bytes; at most 100000000 are read',
  ],
  ['header past the end', safetensors({}, 0, 3n), 'says that its header has 3 bytes, but ends 2 bytes on'],
  ['no brace', safetensors('[]'), 'has a header that does not begin with "{"'],
  ['space before the brace', safetensors(' {}'), 'has a header that does not begin with "{"'],
  ['not UTF-8', safetensors(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'is not valid UTF-8'],
  ['not JSON', safetensors('{"a"}'), 'is not strict JSON at line 1, column 5: ":" belongs here'],
  ['zeros after the JSON', safetensors('{}\0'), 'is not strict JSON at line 1, column 3: something follows the end'],
  ['name twice', safetensors('{"a":0,"a":0}'), 'is not strict JSON at line 1, column 8: the key "a" comes twice'],
  [
    'deep',
    safetensors(`{"a":${'['.repeat(50_000)}`),
    'is not strict JSON at line 1, column 9: nested more than 4 deep',
  ],
  ['entry', safetensors({ a: 1 }), 'tensor "a" is not described by an object'],
  ['entry __proto__', safetensors('{"__proto__":[]}'), 'tensor "__proto__" is not described by an object'],
  ['metadata', safetensors({ __metadata__: { a: 1 } }), '__metadata__ is not an object of strings'],
  ['no dtype', safetensors({ a: { shape: [], data_offsets: [0, 0] } }), 'tensor "a" has no dtype'],
  ['dtype', safetensors({ a: tensor('Q4', [], 0, 0) }), 'tensor "a" has the unknown dtype "Q4"'],
  ['dtype toString', safetensors({ a: tensor('toString', [], 0, 0) }), 'tensor "a" has the unknown dtype "toString"'],
  [
    'no shape',
    safetensors({ a: { dtype: 'F32', data_offsets: [0, 0] } }),
    'tensor "a" has a shape that is not a list of whole numbers from 0 to 2^53 - 1',
  ],
  [
    'negative size',
    safetensors({ a: tensor('F32', [-1], 0, 4) }),
    'tensor "a" has a shape that is not a list of whole numbers from 0 to 2^53 - 1',
  ],
  [
    'fractional size',
    safetensors({ a: tensor('F32', [1.5], 0, 6) }),
    'tensor "a" has a shape that is not a list of whole numbers from 0 to 2^53 - 1',
  ],
  [
    'string size',
    safetensors({ a: tensor('F32', ['2'], 0, 8) }),
    'tensor "a" has a shape that is not a list of whole numbers from 0 to 2^53 - 1',
  ],
  [
    'size past 2^53',
    safetensors('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,9007199254740993]}}'),
    'tensor "a" has a shape that is not a list of whole numbers from 0 to 2^53 - 1',
  ],
  [
    'product past 2^53',
    safetensors({ a: tensor('F32', [2 ** 30, 2 ** 30, 16], 0, 0) }),
    'tensor "a" has the shape [1073741824, 1073741824, 16], whose size cannot be counted',
  ],
  [
    'product past 2^64 to 0',
    safetensors({ a: tensor('F32', [2 ** 32, 2 ** 32], 0, 0) }),
    'tensor "a" has the shape [4294967296, 4294967296], whose size cannot be counted',
  ],
  [
    'half a byte',
    safetensors({ a: tensor('F4', [3], 0, 1) }, 1),
    'tensor "a" has the shape [3], whose size cannot be counted',
  ],
  [
    'no offsets',
    safetensors({ a: { dtype: 'F32', shape: [1] } }),
    'tensor "a" has data_offsets that are not two whole numbers',
  ],
  [
    'three offsets',
    safetensors({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }),
    'tensor "a" has data_offsets that are not two whole numbers',
  ],
  [
    'negative offset',
    safetensors({ a: tensor('F32', [1], -4, 0) }),
    'tensor "a" has data_offsets that are not two whole numbers',
  ],
  ['backwards', safetensors({ a: tensor('F32', [1], 4, 0) }, 4), 'tensor "a" ends at 0, before it begins at 4'],
  [
    'size against offsets',
    safetensors({ a: tensor('F32', [3], 0, 8) }, 8),
    'tensor "a" has the shape [3] of F32, 12 bytes, but data_offsets span 8',
  ],
  ['truncated data', safetensors({ a: one }, 7), 'is cut short: its tensors end at byte 70 and the file at 69'],
  [
    'data past the end',
    safetensors({ a: tensor('U8', [2 ** 40], 0, 2 ** 40) }, 8),
    `is cut short: its tensors end at byte ${2 ** 40 + 85} and the file at 93`,
  ],
  ['bytes left over', safetensors({ a: one }, 9), 'has 1 bytes that belong to no tensor'],
  [
    'hole',
    safetensors({ a: one, b: tensor('F32', [1], 12, 16) }, 16),
    'tensor "b" leaves a hole before it: it begins at 12 of the data, not at 8',
  ],
  [
    'hole at the start',
    safetensors({ a: tensor('F32', [1], 4, 8) }, 8),
    'tensor "a" leaves a hole before it: it begins at 4 of the data, not at 0',
  ],
  [
    'overlap',
    safetensors({ a: one, b: tensor('F32', [1], 4, 8) }, 8),
    'tensor "b" overlaps the tensor before it: it begins at 4 of the data, not at 8',
  ],
  [
    'shared',
    safetensors({ a: one, b: one }, 8),
    'tensor "b" overlaps the tensor before it: it begins at 0 of the data, not at 8',
  ],
  [
    'empty tensor inside another',
    safetensors({ a: one, b: tensor('F32', [0], 4, 4) }, 8),
    'tensor "b" overlaps the tensor before it: it begins at 4 of the data, not at 8',
  ],
])('refuses %s', (_, bytes, reason) => {
  using directory = new TemporaryDirectory({ f: bytes })
  const path = `${directory.path}/f`
  expect(() => new SafetensorsFile(path)).toThrow(new FormatError(path, reason))
})

test('refuses a header of too many values without building them', () => {
  using directory = new TemporaryDirectory({ f: safetensors(`{"a":[${'0,'.repeat(2_100_000)}0]}`) })
  expect(() => new SafetensorsFile(`${directory.path}/f`)).toThrow('more than 2000000 values')
})

test('never opens a pipe, which would wait for a writer', () => {
  using directory = new TemporaryDirectory()
  const path = `${directory.path}/pipe`
  if (spawnSync('env', ['mkfifo', path]).status !== 0) return
  expect(() => new SafetensorsFile(path)).toThrow(new FormatError(path, 'is not a regular file'))
})

test('names the file that was cut while it was open, or closed', () => {
  using directory = new TemporaryDirectory({
    f: floatTensors({ a: { shape: [1000], values: new Float32Array(1000) } }),
  })
  const path = `${directory.path}/f`
  const file = new SafetensorsFile(path)
  truncateSync(path, 1000)
  expect(() => file.read('a')).toThrow(`${path}: ended at byte 1000 while it was being read`)
  file[Symbol.dispose]()
  file[Symbol.dispose]()
  expect(() => file.read('a')).toThrow(`${path}: was closed before it was read`)
})

test('a damaged file is refused with FormatError or read, nothing else', () => {
  const valid = safetensors(
    {
      __metadata__: { format: 'pt' },
      a: one,
      'b.weight': tensor('BF16', [3, 2], 8, 20),
      c: tensor('I64', [1], 20, 28),
    },
    28,
  )
  using directory = new TemporaryDirectory()
  const flip = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(fc.array(flip, { maxLength: 4 }), fc.option(fc.nat(valid.length)), (flips, cut) => {
      const bytes = Buffer.from(valid.subarray(0, cut ?? valid.length))
      for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value
      const path = directory.write('f', bytes)
      try {
        using file = new SafetensorsFile(path)
        for (const [name, { dtype }] of file.tensors) if (dtype !== 'I64') file.read(name)
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError)
        expect((error as Error).message).not.toMatch(/[\n\r]/)
      }
    }),
    { numRuns: 1000 },
  )
})
