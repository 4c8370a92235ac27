import { expect, test } from 'vitest'
import { groupOperations } from './group.ts'

const most = { gigabytesPerSecond: 4000, teraflops: 800 }

test('operations that are the same are one line, the longest first', () => {
  const norm = { name: 'norm', detail: '[1, 8]', ms: 0.002, bytes: 64, flops: 0 }
  const product = { name: 'gemv', detail: '[1, 8] · [8, 8]ᵀ', ms: 0.02, bytes: 40_000_000, flops: 80_000_000 }
  const groups = groupOperations([norm, product, norm, { ...product, ms: 0.03 }], most)
  expect(groups.map(({ name, count }) => [name, count])).toEqual([
    ['gemv', 2],
    ['norm', 2],
  ])
  const [first, second] = groups
  expect(first!.microsecondsEach).toBeCloseTo(25, 9)
  expect(first!.share).toBeCloseTo(50 / 54, 9)
  expect(first!.gigabytesPerSecond).toBeCloseTo(1600, 6)
  expect(first).toMatchObject({ bound: 'memory' })
  expect(first!.ofCeiling).toBeCloseTo(0.4, 9)
  expect(second!.teraflops).toBeNull()
})

test('what is bound by arithmetic is a share of the product rate', () => {
  const product = { name: 'matmul', detail: '', ms: 1, bytes: 1e6, flops: 400e9 }
  const [group] = groupOperations([product], most)
  expect(group).toMatchObject({ bound: 'compute', teraflops: 400 })
  expect(group!.ofCeiling).toBeCloseTo(0.5, 9)
})

test('where nothing is known of an operation, nothing is said', () => {
  const [group] = groupOperations([{ name: 'linear', detail: '', ms: 1, bytes: 0, flops: 0 }], undefined)
  expect(group).toMatchObject({ gigabytesPerSecond: null, teraflops: null, bound: null, ofCeiling: null })
})
