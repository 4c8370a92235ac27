import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readJson, SafetensorsFile } from '../../formats/index.ts'
import { TemporaryDirectory } from '../../formats/safetensors/testing.ts'
import { createCpuDevice, createReferenceDevice } from '../device/cpu/index.ts'
import { testCard } from '../device/cuda/testing/test-card.ts'
import { BLOCK_SIZE, type Device } from '../device/device.ts'
import { loadModel } from './load-model.ts'
import { readModelConfig } from './read-config.ts'
import { Driver } from './testing/drive.ts'

/** Tiny models of every family with what transformers computes from them in float32. */
const FIXTURES = fileURLToPath(new URL('../../../test/fixtures/models', import.meta.url))
const NAMES = readdirSync(FIXTURES)
/** ‖ours − theirs‖ / ‖theirs‖ of any position's logits. */
const TOLERANCE = 1e-4

const card = testCard()

const DEVICES: readonly (readonly [name: string, create: () => Device | Promise<Device>])[] = [
  ['reference', createReferenceDevice],
  ['SIMD', () => createCpuDevice({ threads: 1 })],
  // These models are too small for a second thread unless it comes for free.
  ['SIMD, threaded', () => createCpuDevice({ threads: 3, chunkWork: 1 })],
  ...(card === undefined
    ? []
    : [[card.name, () => card.open({ activationType: 'f32', batchInvariant: true })] as const]),
]

describe.each(DEVICES)('on the %s device', (_, create) => {
  test.each(NAMES)('%s: logits, chunks and greedy text', async name => {
    await using device = await create()
    const { tokens, logits, greedy } = expected(name)
    const driver = await driverOf(join(FIXTURES, name), device)
    const whole = driver.logits(tokens)
    expect(largestError(whole, logits, tokens.length)).toBeLessThanOrEqual(TOLERANCE)

    for (const chunk of [1, 7, BLOCK_SIZE, 33]) {
      driver.reset()
      expect(bits(driver.logits(tokens, chunk)).equals(bits(whole)), `steps of ${chunk}`).toBe(true)
    }

    driver.reset()
    driver.logits(tokens.subarray(0, -1))
    expect(driver.greedy(tokens.at(-1)!, greedy.length)).toEqual(greedy)
  })
})

test.each(NAMES)('%s: the older style of config.json means the same', name => {
  const directory = join(FIXTURES, name)
  expect(readModelConfig(directory, 'config.legacy.json')).toEqual(readModelConfig(directory))
})

/** The fixtures would notice. */
test.each<[name: string, changes: Readonly<Record<string, unknown>>]>([
  ['llama-linear', { rope_parameters: { rope_type: 'linear', factor: 3.9 } }],
  [
    'llama-yarn',
    { rope_parameters: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 64, attention_factor: 1 } },
  ],
  ['llama3', { rope_parameters: { rope_type: 'default', rope_theta: 32_000 } }],
  ['mistral', { sliding_window: null }],
  ['mistral', { sliding_window: 21 }],
  ['gemma3', { query_pre_attn_scalar: 16 }],
  ['gemma3', { layer_types: Array(6).fill('sliding_attention') }],
  ['gemma3', { layer_types: Array(6).fill('full_attention') }],
  ['gemma3', { rope_parameters: { full_attention: { rope_type: 'linear', factor: 4, rope_theta: 100_000 } } }],
  ['qwen3', { rms_norm_eps: 1e-3 }],
])('%s: %j is felt', async (name, changes) => {
  using directory = new TemporaryDirectory()
  cpSync(join(FIXTURES, name), directory.path, { recursive: true })
  const config = readJson(join(FIXTURES, name, 'config.json')) as object
  writeFileSync(join(directory.path, 'config.json'), JSON.stringify({ ...config, ...changes }))
  await using device = createReferenceDevice()
  const { tokens, logits } = expected(name)
  const driver = await driverOf(directory.path, device)
  expect(largestError(driver.logits(tokens), logits, tokens.length)).toBeGreaterThan(10 * TOLERANCE)
})

async function driverOf(directory: string, device: Device): Promise<Driver> {
  const options = { storage: 'f32', blocks: 16, maxTokens: 128, maxLogitRows: 128 } as const
  return new Driver(await loadModel(directory, device, options), device)
}

function expected(name: string) {
  using file = new SafetensorsFile(join(FIXTURES, name, 'expected.safetensors'))
  const integers = (tensor: string) => new Int32Array(file.readBytes(tensor).buffer)
  return { tokens: integers('tokens'), logits: file.read('logits'), greedy: integers('greedy') }
}

function largestError(ours: Float32Array, theirs: Float32Array, rows: number): number {
  expect(ours.length).toBe(theirs.length)
  const width = ours.length / rows
  const errors = Array.from({ length: rows }, (_, row) => {
    const [mine, yours] = [ours, theirs].map(logits => logits.subarray(row * width, (row + 1) * width))
    return Math.sqrt(sumOfSquares(mine!.map((value, i) => value - yours![i]!)) / sumOfSquares(yours!))
  })
  return Math.max(...errors)
}

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0)
}

function bits(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength)
}
