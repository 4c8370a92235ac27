import { expect, test } from 'vitest'
import { modelShape } from '../model/shapes.ts'
import { findCard } from './cards.ts'
import { type RooflineRequest, roofline } from './roofline.ts'

const base: RooflineRequest = {
  config: modelShape('llama-2-7b'),
  storage: 'bf16',
  kvType: 'bf16',
  card: findCard('H200')!,
  batch: 1,
  context: 256,
  promptLength: 2048,
}

const decode = (changes: Partial<RooflineRequest>) => roofline({ ...base, ...changes }).decode

test('one sequence is bound by the weights that it reads', () => {
  const { bound, tokensPerSecond, weightBytes, kvBytes } = decode({})
  expect(bound).toBe('memory')
  expect(weightBytes).toBe(2 * (6_738_415_616 - 65 * 4096 - 32_000 * 4096))
  expect(kvBytes).toBe(256 * 524_288)
  expect(tokensPerSecond).toBeCloseTo((0.8 * 4800e9) / (weightBytes + kvBytes), 6)
})

test('many short sequences are bound by arithmetic, and so is a long prompt', () => {
  expect(decode({ batch: 4096, context: 1 }).bound).toBe('compute')
  expect(roofline(base).firstToken.bound).toBe('compute')
  expect(roofline({ ...base, promptLength: 1 }).firstToken.bound).toBe('memory')
})

test('a prompt costs two operations a weight and token, and attention', () => {
  const { computeSeconds } = roofline(base).firstToken
  const body = 32 * (4 * 4096 * 4096 + 3 * 4096 * 11_008)
  const attention = 32 * 4 * 4096 * ((2048 * 2049) / 2)
  const flops = 2 * body * 2048 + 2 * 32_000 * 4096 + attention
  expect(computeSeconds).toBeCloseTo(flops / (0.6 * 989e12), 9)
})

test('a window bounds what is read', () => {
  const mistral = { config: modelShape('mistral-7b') }
  expect(decode({ ...mistral, context: 32_768 }).kvBytes).toBe(decode({ ...mistral, context: 4096 }).kvBytes)
})

test('cards share the reading and pay for talking', () => {
  const [one, two] = [decode({}), decode({ worldSize: 2 })]
  expect(two.memorySeconds).toBeCloseTo(one.memorySeconds / 2, 6)
  expect(two.communicationSeconds).toBeGreaterThan(64 * 10e-6)
  expect(two.tokensPerSecond).toBeGreaterThan(one.tokensPerSecond)
  const pcie = decode({ worldSize: 8, card: findCard('RTX 4090')!, batch: 64 })
  expect(pcie.bound).toBe('communication')
})

test('a small model is bound by its launches, one behind the other', () => {
  const config = modelShape('qwen3-0.6b')
  const { bound, seconds } = decode({ config, storage: 'int8' })
  expect(bound).toBe('latency')
  expect(seconds).toBeCloseTo(config.layers.length * 10e-6, 9)
})
