import { expect, it } from 'vitest'
import { readProposals } from './matmul-problem.ts'
import { checkShape, type MatmulShape, sameShape } from './matmul-shape.ts'

const f32 = { type: 'f32' } as const
const fits: MatmulShape = {
  m: 2,
  n: 3,
  k: 4,
  a: { ...f32, rows: 2, columns: 4 },
  b: { ...f32, rows: 3, columns: 4, transposed: true, stride: 6 },
  d: { ...f32, rows: 2, columns: 3 },
}

it.each<[string, Partial<MatmulShape>]>([
  ['a is 2 × 4 at stride 4, where 5 × 4 is needed', { m: 5 }],
  ['b is 3 × 4, transposed, at stride 6, where 4 × 5 is needed', { n: 5 }],
  ['b is 3 × 4 at stride 4, where 4 × 3 is needed', { b: { ...f32, rows: 3, columns: 4 } }],
  ['d is 2 × 3 at stride 2, where 2 × 3 is needed', { d: { ...f32, rows: 2, columns: 3, stride: 2 } }],
  ['d cannot be transposed', { d: { ...f32, rows: 3, columns: 2, transposed: true } }],
])('refuses operands that do not fit: %s', (message, change) => {
  expect(() => checkShape({ ...fits, ...change })).toThrow(new RangeError(`matmul: ${message}`))
})

it('takes those that fit', () => {
  expect(() => checkShape(fits)).not.toThrow()
})

it('one plan serves what differs in words only', () => {
  const spelled = { ...fits, a: { ...fits.a, stride: 4, transposed: false }, bias: undefined, accumulate: false }
  expect(sameShape(fits, spelled)).toBe(true)
})

it.each<[string, Partial<MatmulShape>]>([
  ['sizes', { m: 3 }],
  ['sizes', { n: 4 }],
  ['sizes', { k: 5 }],
  ['a stride', { b: { ...fits.b, stride: 8 } }],
  ['a type', { d: { ...fits.d, type: 'bf16' } }],
  ['a transposition', { b: { ...fits.b, transposed: false } }],
  ['a bias', { bias: f32 }],
  ['what it does with d', { accumulate: true }],
])('another plan serves what differs in %s', (_, change) => {
  expect(sameShape(fits, { ...fits, ...change })).toBe(false)
})

it('reads what cuBLASLt proposes, and leaves out what it marks as unfit', () => {
  const results = new Uint8Array(3 * 96)
  const view = new DataView(results.buffer)
  for (const [i, status] of [0, 15, 0].entries()) {
    results.fill(i + 1, i * 96, i * 96 + 64)
    view.setBigUint64(i * 96 + 64, BigInt(i * 1024), true)
    view.setInt32(i * 96 + 72, status, true)
    view.setFloat32(i * 96 + 76, i + 0.5, true)
  }
  expect(readProposals(results, 3)).toEqual([
    { bytes: new Uint8Array(64).fill(1), workspaceBytes: 0, waves: 0.5 },
    { bytes: new Uint8Array(64).fill(3), workspaceBytes: 2048, waves: 2.5 },
  ])
})
