import { expect, it } from 'vitest'
import type { StreamHandle } from './driver/functions.ts'
import { LaunchBuffer } from './driver/launch-buffer.ts'
import type { Kernel } from './kernel.ts'
import { extents } from './launch.ts'
import { packArguments } from './pack-arguments.ts'
import { kernel, type ParameterKind } from './parameters.ts'

const HIGH = 0x7f12_3456_7890

function words(buffer: LaunchBuffer, from: number, to: number): string[] {
  return Array.from({ length: (to - from) / 8 }, (_, i) =>
    buffer.view.getBigUint64(buffer.start + from + 8 * i, true).toString(16),
  )
}

it('lays a launch out as cuda.h declares it', () => {
  const buffer = new LaunchBuffer(2)
  buffer.setShape([10, 2, 1], [256, 1, 1], 1024, true)
  buffer.setStream(HIGH as StreamHandle)
  expect(words(buffer, 0, 56)).toEqual([
    '20000000a',
    '10000000001',
    '100000001',
    '400',
    HIGH.toString(16),
    (buffer.config + 56).toString(16),
    '1',
  ])
  // CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, allowed.
  expect(words(buffer, 56, 128)).toEqual(['6', '1', '0', '0', '0', '0', '0', '0', '0'])
  expect(buffer.parameters).toBe(buffer.config + 128)
  expect(words(buffer, 128, 144)).toEqual([(buffer.config + 144).toString(16), (buffer.config + 152).toString(16)])
})

it('a launch that does not overlap has no attributes', () => {
  const buffer = new LaunchBuffer(0)
  buffer.setShape([1, 1, 1], [32, 1, 1], 0, false)
  expect(words(buffer, 48, 56)).toEqual(['0'])
})

it('packs every kind as C reads it', () => {
  const declaration = kernel('k', { p: 'pointer', i: 'i32', u: 'u32', f: 'f32', l: 'u64', d: 'f64', b: 'u64' })
  const buffer = new LaunchBuffer(7)
  packArguments(buffer, declaration, { p: HIGH, i: -2, u: 2 ** 32 - 1, f: 1.5, l: 2n ** 64n - 1n, d: 1.5, b: 2 ** 40 })
  expect(words(buffer, buffer.argumentAt(0) - buffer.start, buffer.argumentAt(7) - buffer.start)).toEqual([
    HIGH.toString(16),
    'fffffffe',
    'ffffffff',
    '3fc00000',
    'ffffffffffffffff',
    '3ff8000000000000',
    '10000000000',
  ])
})

it.each<[ParameterKind, unknown]>([
  ['pointer', undefined],
  ['pointer', -1],
  ['pointer', 1.5],
  ['i32', 2 ** 31],
  ['i32', Number.NaN],
  ['i32', '1'],
  ['u32', -1],
  ['u32', 2 ** 32],
  ['f32', 1n],
  ['f64', undefined],
  ['u64', -1n],
  ['u64', 2n ** 64n],
])('no %s is made of %s', (kind, value) => {
  const declaration = kernel('norm', { rows: kind })
  expect(() => packArguments(new LaunchBuffer(1), declaration, { rows: value } as never)).toThrow(
    new RangeError(`norm: rows = ${String(value)} is no ${kind}`),
  )
})

it('a grid of nothing is refused by name', () => {
  expect(extents('norm', 'grid', [4, 2])).toEqual([4, 2, 1])
  expect(() => extents('norm', 'grid', 0)).toThrow('norm: grid of 0 × 1 × 1: whole numbers from 1 are needed')
  expect(() => extents('norm', 'block', [32, 1.5])).toThrow('norm: block of 32 × 1.5 × 1')
})

it('wrong arguments are type errors', () => {
  // Never called: the compiler is the test.
  const wrong = (add: Kernel<{ out: 'pointer'; n: 'u32'; wide: 'u64' }>): void => {
    const shape = { grid: 1, block: 32 }
    add.prepare(shape, { out: 1, n: 2, wide: 3n })
    // @ts-expect-error An argument is missing.
    add.prepare(shape, { out: 1, n: 2 })
    // @ts-expect-error A count is no bigint.
    add.prepare(shape, { out: 1, n: 2n, wide: 3n })
    // @ts-expect-error An address is no string.
    add.prepare(shape, { out: '1', n: 2, wide: 3n })
    // @ts-expect-error There is no such parameter.
    add.prepare(shape, { out: 1, n: 2, wide: 3, m: 4 })
    // @ts-expect-error There is no such kind.
    kernel('k', { n: 'i64' })
    // @ts-expect-error A grid has no fourth dimension.
    add.prepare({ grid: [1, 1, 1, 1], block: 32 }, { out: 1, n: 2, wide: 3 })
  }
  expect(wrong).toBeTypeOf('function')
})
