import { describe, expect, it } from 'vitest'
import { speedCases, TINY_SIZES } from '../../testing/speed/speed-cases.ts'
import { testCard } from './test-card.ts'
import { type CaseTime, timeCases } from './time-cases.ts'

const card = testCard()

describe.skipIf(card === undefined)(`the clock for operations, on ${card?.name ?? 'no GPU'}`, () => {
  it('times every operation by kernels that the device chose', { timeout: 120_000 }, async () => {
    const cases = speedCases(TINY_SIZES)
    const times: CaseTime[] = []
    const options = { device: { gpuMemory: '1GiB' }, rotateBytes: 2 ** 16, ceilingBytes: 2 ** 16 }
    await timeCases(cases, options, time => times.push(time))
    expect(times.map(({ name }) => name)).toEqual(cases.map(({ name }) => name))
    expect(times.filter(({ failed, microseconds }) => failed !== undefined || !(microseconds > 0))).toEqual([])
    const kernels = Object.fromEntries(times.map(({ name, kernels }) => [name, kernels.join(' ')]))
    expect(kernels).toMatchObject({
      'linear bf16 [1, 64] · [128, 64]ᵀ': 'gemv',
      'linear int8 [9, 64] · [128, 64]ᵀ': 'skinnyLinear',
      'attention 2/1 heads of 32: 2 × 40': 'attentionDecode',
      'attention 2/1 heads of 32: a prompt of 20': 'attentionPrefill',
      'sample [2, 80], top-p 0.9': 'sampleScan sampleChoose',
    })
    expect(times.find(({ name }) => name.startsWith('attention 2/1'))!.gigabytesPerSecond).toBeGreaterThan(0)
  })
})
