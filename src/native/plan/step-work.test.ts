import { expect, test } from 'vitest'
import { modelShape } from '../model/shapes.ts'
import { stepWork } from './step-work.ts'

const llama = { config: modelShape('llama-2-7b'), storage: 'bf16', kvType: 'bf16' } as const

test('a prompt in two steps is the arithmetic of a prompt in one, but for one row of logits more', () => {
  const of = (tokens: number, behind: number) => stepWork({ ...llama, sequences: 1, tokens, behind }).flops
  expect(of(300, 0) + of(212, 300)).toBe(of(512, 0) + 2 * 32_000 * 4096)
})

test('sequences share the weights and nothing else', () => {
  const [one, eight] = [1, 8].map(sequences => stepWork({ ...llama, sequences, tokens: 1, behind: 99 }))
  expect(eight!.weightBytes).toBe(one!.weightBytes)
  expect(eight!.kvBytes).toBe(8 * one!.kvBytes)
  expect(one!.kvBytes).toBe(100 * 524_288)
  expect(eight!.flops).toBe(8 * one!.flops)
})

test('quantised weights are half the bytes and their scales', () => {
  const fp8 = stepWork({ ...llama, storage: 'fp8', sequences: 1, tokens: 1, behind: 0 })
  const bf16 = stepWork({ ...llama, sequences: 1, tokens: 1, behind: 0 })
  const rows = 32 * (3 * 4096 + 4096 + 2 * 11_008 + 4096) + 32_000
  expect(fp8.weightBytes).toBe(bf16.weightBytes / 2 + 4 * rows)
})
