import { expect, test } from 'vitest'
import type { RunResult } from '../run/run.ts'
import { GpuSampler } from './gpu-sampler.ts'
import { gpuUsage } from './gpu-usage.ts'

const measures = { tokens: { steadyPerSecond: 100 } } as Parameters<typeof gpuUsage>[2]

/** Two answers at once, a token each 10 ms, of a 7B on a card that the sheet knows. */
function result(target: string, backend: string): RunResult {
  const arrivalsMs = Float64Array.from({ length: 101 }, (_, i) => i * 10)
  const record = { arrivalsMs, arrivalTokens: new Uint32Array(101).fill(1), promptTokens: 512 }
  return {
    spec: { target },
    info: { backend, weightType: 'bf16' },
    window: { fromMs: 0, toMs: 1000 },
    clockStartMs: Number(process.hrtime.bigint()) / 1e6 - 900,
    records: [record, record],
  } as Partial<Record<keyof RunResult, unknown>> as RunResult
}

function usage(target: string, backend: string, name = 'NVIDIA H200') {
  const read = () => ({ memoryBytes: 1, utilisation: 1, watts: 200, joules: undefined })
  using sampler = GpuSampler.start([{ name, read }])
  return gpuUsage(sampler, result(target, backend), measures)
}

test('says what a token costs, and how near the card’s sheet the model’s steps come', () => {
  const { ofCeiling, ...rest } = usage('native:llama-2-7b', 'native/cuda')!
  expect(rest).toMatchObject({ cards: ['NVIDIA H200'], watts: 200, joulesPerOutputToken: 2 })
  // 13.2 GB of weights and two times 0.3 GB of keys and values, a hundred times a second, of 4.8 TB/s.
  expect(ofCeiling!.bound).toBe('bytes')
  expect(ofCeiling!.share).toBeCloseTo((100 * (13.21 + 2 * 0.295)) / 4800, 2)
})

test.each([
  ['a server on this machine', 'http://127.0.0.1:8090', 'vllm'],
  ['a card that no sheet knows', 'llama-2-7b', 'native/cuda', 'Emulated GPU'],
])('of %s the work is not known', (_, target, backend, name?) => {
  expect(usage(target!, backend!, name)).toMatchObject({ watts: 200, ofCeiling: null })
})

test.each([
  ['elsewhere', 'https://example.com/v1', 'vllm'],
  ['on the CPU', 'ember', 'native/cpu'],
  ['nowhere', 'mock:?itl=5ms', 'mock'],
])('of what is computed %s the cards here say nothing', (_, target, backend) => {
  expect(usage(target, backend)).toBeNull()
})
