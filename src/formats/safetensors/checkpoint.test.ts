import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../errors.ts'
import { openCheckpoint } from './checkpoint.ts'
import { floatTensors, TemporaryDirectory } from './testing.ts'

const INDEX = 'model.safetensors.index.json'
const shard = (name: string, ...values: number[]) =>
  floatTensors({ [name]: { shape: [values.length], values: Float32Array.from(values) } })
const index = (map: unknown) => JSON.stringify({ metadata: { total_size: 0 }, weight_map: map })

describe('openCheckpoint', () => {
  test('one file, before any index', () => {
    using directory = new TemporaryDirectory({ 'model.safetensors': shard('a', 1, 2), [INDEX]: 'damaged' })
    using checkpoint = openCheckpoint(directory.path)
    expect(checkpoint.read('a')).toEqual(Float32Array.of(1, 2))
  })

  test('shards as one', () => {
    using directory = new TemporaryDirectory({
      [INDEX]: index({ a: '1.safetensors', b: '2.safetensors' }),
      '1.safetensors': shard('a', 1, 2),
      '2.safetensors': shard('b', 3, 4, 5),
    })
    using checkpoint = openCheckpoint(directory.path)
    expect([...checkpoint.tensors.keys()]).toEqual(['a', 'b'])
    expect(checkpoint.read('b', 1, 2)).toEqual(Float32Array.of(4, 5))
    expect(() => checkpoint.read('c')).toThrow(`${checkpoint.path}: has no tensor "c"`)
  })

  test("the Hub's cache, whose files are links to blobs", () => {
    using cache = new TemporaryDirectory()
    const snapshot = `${cache.path}/snapshots/0123`
    mkdirSync(snapshot, { recursive: true })
    mkdirSync(`${cache.path}/blobs`)
    writeFileSync(`${cache.path}/blobs/89ab`, shard('a', 7))
    writeFileSync(`${snapshot}/${INDEX}`, index({ a: '1.safetensors' }))
    symlinkSync('../../blobs/89ab', `${snapshot}/1.safetensors`)
    using checkpoint = openCheckpoint(snapshot)
    expect(checkpoint.read('a')).toEqual(Float32Array.of(7))
  })

  test.each<[name: string, index: string, reason: string]>([
    ['no JSON', '{', 'is not strict JSON at line 1, column 2: a key in double quotes belongs here'],
    ['no object', '[]', 'the file is not an object'],
    ['no map', '{}', '"weight_map" is missing'],
    ['map no object', index(['1.safetensors']), '"weight_map" is not an object'],
    ['empty map', index({}), 'names no tensors'],
    ['shard no string', index({ a: 1 }), '"weight_map.a" is 1, not a string'],
    [
      'slash',
      index({ a: 'sub/1.safetensors' }),
      'names the shard "sub/1.safetensors", which is not the name of a file beside it',
    ],
    [
      'backslash',
      index({ a: 'sub\\1.safetensors' }),
      'names the shard "sub\\\\1.safetensors", which is not the name of a file beside it',
    ],
    [
      'parent',
      index({ a: '../1.safetensors' }),
      'names the shard "../1.safetensors", which is not the name of a file beside it',
    ],
    ['dots', index({ a: '..' }), 'names the shard "..", which is not the name of a file beside it'],
    [
      'absolute',
      index({ a: '/etc/passwd' }),
      'names the shard "/etc/passwd", which is not the name of a file beside it',
    ],
    [
      'URL',
      index({ a: 'https://a.example/1' }),
      'names the shard "https://a.example/1", which is not the name of a file beside it',
    ],
    [
      'drive',
      index({ a: 'C:1.safetensors' }),
      'names the shard "C:1.safetensors", which is not the name of a file beside it',
    ],
    [
      'NUL',
      index({ a: '1.safetensors\0' }),
      'names the shard "1.safetensors\\u0000", which is not the name of a file beside it',
    ],
    ['empty name', index({ a: '' }), 'names the shard "", which is not the name of a file beside it'],
    [
      'missing shard',
      index({ a: '3.safetensors' }),
      'names the shard 3.safetensors, which is not there: fetch it again',
    ],
    [
      'misplaced tensor',
      index({ a: '1.safetensors', b: '1.safetensors' }),
      'places the tensor "b" in 1.safetensors, which does not hold it',
    ],
    [
      'link out of the model',
      index({ a: 'link.safetensors' }),
      "names the shard link.safetensors, a link that leads out of the model's directory",
    ],
  ])('refuses an index: %s', (_, text, reason) => {
    using outside = new TemporaryDirectory({ 'a.safetensors': shard('a', 1) })
    using directory = new TemporaryDirectory({ [INDEX]: text, '1.safetensors': shard('a', 1) })
    symlinkSync(`${outside.path}/a.safetensors`, `${directory.path}/link.safetensors`)
    expect(() => openCheckpoint(directory.path)).toThrow(new FormatError(`${directory.path}/${INDEX}`, reason))
  })

  test('a damaged index is refused with FormatError or read, nothing else', () => {
    using directory = new TemporaryDirectory({ '1.safetensors': shard('a', 1), '2.safetensors': shard('b', 2) })
    const valid = Buffer.from(index({ a: '1.safetensors', b: '2.safetensors' }))
    const flip = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(flip, { maxLength: 3 }), fc.option(fc.nat(valid.length)), (flips, cut) => {
        const bytes = Buffer.from(valid.subarray(0, cut ?? valid.length))
        for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value
        directory.write(INDEX, bytes)
        try {
          using checkpoint = openCheckpoint(directory.path)
          for (const name of checkpoint.tensors.keys()) checkpoint.read(name)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
          expect((error as Error).message).not.toMatch(/[\n\r]/)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('names the shard that is damaged', () => {
    using directory = new TemporaryDirectory({ [INDEX]: index({ a: '1.safetensors' }), '1.safetensors': 'short' })
    expect(() => openCheckpoint(directory.path)).toThrow(
      `${directory.path}/1.safetensors: has 5 bytes, too few for a safetensors file`,
    )
  })

  test('says what is there instead', () => {
    const none = 'holds neither model.safetensors nor model.safetensors.index.json'
    using empty = new TemporaryDirectory()
    expect(() => openCheckpoint(empty.path)).toThrow(new FormatError(empty.path, none))
    using other = new TemporaryDirectory({ 'pytorch_model.bin': '' })
    expect(() => openCheckpoint(other.path)).toThrow(
      `${none} but "pytorch_model.bin": only safetensors weights are read, convert it first`,
    )
    expect(() => openCheckpoint(`${empty.path}/nowhere`)).toThrow(`${none}: it is not a directory`)
  })
})
