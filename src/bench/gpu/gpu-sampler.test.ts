import { describe, expect, test } from 'vitest'
import { useEmulator } from '../../../test/emulator/emulator.ts'
import type { CardReading } from './cards.ts'
import { GpuSampler } from './gpu-sampler.ts'

const READING: CardReading = { memoryBytes: 7, utilisation: 1, watts: 100, joules: undefined }
const now = () => Number(process.hrtime.bigint()) / 1e6

test('without a card there is nothing to watch', () => {
  expect(GpuSampler.start([])).toBeUndefined()
})

test('looks from the start until it is asked', () => {
  let looks = 0
  using sampler = GpuSampler.start([{ name: 'A', read: () => ({ ...READING, memoryBytes: ++looks }) }])!
  const from = now() - 1
  for (let i = 0; i < 3; i++) sampler.sample()
  const usage = sampler.usage(from, now() + 1000, 10)!
  expect(usage).toMatchObject({ cards: ['A'], utilisation: 1 })
  expect(usage.watts).toBeCloseTo(100, 6)
  expect(usage.memoryBytes).toBeGreaterThanOrEqual(4)
})

test('a card that is lost ends the watch, not the run', () => {
  let looks = 0
  const read = () => {
    if (looks++ > 0) throw new Error('NVML_ERROR_GPU_IS_LOST')
    return READING
  }
  using sampler = GpuSampler.start([{ name: 'A', read }])!
  const from = now() - 1000
  sampler.sample()
  sampler.sample()
  expect(looks).toBe(2)
  expect(sampler.usage(from, now(), 1)).toMatchObject({ memoryBytes: 7 })
})

test('a long run keeps a bounded number of readings, spread over all of it', () => {
  let looks = 0
  using sampler = GpuSampler.start([{ name: 'A', read: () => ({ ...READING, joules: looks++ }) }])!
  const from = now()
  for (let i = 0; i < 20_000; i++) sampler.sample()
  const usage = sampler.usage(from, now(), 1)!
  expect(usage.joulesPerOutputToken! / looks).toBeGreaterThan(0.9)
})

describe.skipIf(!useEmulator())('on an emulated GPU', () => {
  test('reads what the driver tells', () => {
    using sampler = GpuSampler.start()!
    const from = now()
    while (now() < from + 20) sampler.sample()
    const usage = sampler.usage(from, now(), 4)!
    expect(usage).toMatchObject({ cards: ['Emulated GPU'], utilisation: 0.5 })
    expect(usage.watts).toBeGreaterThan(0)
    expect(usage.joulesPerOutputToken).toBeGreaterThan(0)
  })
})
