import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { SafetensorsFile } from '../../formats/index.ts'
import { TemporaryDirectory } from '../../formats/safetensors/testing.ts'
import { createReferenceDevice } from '../device/cpu/index.ts'
import { BLOCK_SIZE, type Device } from '../device/device.ts'
import { loadModel } from './load-model.ts'
import type { Model } from './model.ts'
import { Driver } from './testing/drive.ts'

/** Tiny models of every family with what transformers computes from them in float32. */
const FIXTURES = fileURLToPath(new URL('../../../test/fixtures/models', import.meta.url))
/** ‖ours − theirs‖ / ‖theirs‖ of any position's logits. */
const TOLERANCE = 1e-4

const DEVICES: readonly (readonly [name: string, create: () => Device | Promise<Device>])[] = [
  ['reference', () => createReferenceDevice()],
]

describe.each(DEVICES)('on the %s device', (_, create) => {
  test.each(readdirSync(FIXTURES))('%s: logits, greedy text and chunks', async name => {
    const directory = join(FIXTURES, name)
    const { tokens, logits, greedy } = expected(directory)
    const [device, model] = await load(directory, create, tokens.length + greedy.length)
    const driver = new Driver(model, device)
    const whole = driver.logits(tokens)
    const errors = relativeErrors(whole, logits, model.config.vocabSize)
    console.log(`${name}: ${Math.max(...errors).toExponential(1)}`)
    expect(Math.max(...errors)).toBeLessThanOrEqual(TOLERANCE)

    for (const chunk of [1, 7, BLOCK_SIZE, 33]) {
      driver.reset()
      expect(driver.logits(tokens, chunk)).toEqual(whole)
    }

    driver.reset()
    driver.logits(tokens.subarray(0, -1))
    expect(driver.greedy(tokens.at(-1)!, greedy.length)).toEqual(greedy)
    await device[Symbol.asyncDispose]()
  })
})

test.each(readdirSync(FIXTURES))('%s: the older style of config.json means the same', async name => {
  const legacy = join(FIXTURES, name, 'config.legacy.json')
  if (!existsSync(legacy)) return
  using directory = new TemporaryDirectory()
  cpSync(join(FIXTURES, name), directory.path, { recursive: true })
  cpSync(legacy, join(directory.path, 'config.json'))
  const [device, old] = await load(directory.path, createReferenceDevice, 64)
  const [other, now] = await load(join(FIXTURES, name), createReferenceDevice, 64)
  expect(old.config).toEqual(now.config)
  await device[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

async function load(
  directory: string,
  create: () => Device | Promise<Device>,
  positions: number,
): Promise<[Device, Model]> {
  const device = await create()
  const blocks = Math.ceil(positions / BLOCK_SIZE)
  return [device, await loadModel(directory, device, { storage: 'f32', blocks, maxTokens: 128, maxLogitRows: 128 })]
}

function expected(directory: string) {
  using file = new SafetensorsFile(join(directory, 'expected.safetensors'))
  const integers = (name: string) => new Int32Array(file.readBytes(name).buffer)
  return { tokens: integers('tokens'), logits: file.read('logits'), greedy: integers('greedy') }
}

function relativeErrors(ours: Float32Array, theirs: Float32Array, vocab: number): number[] {
  return Array.from({ length: ours.length / vocab }, (_, row) => {
    let difference = 0
    let norm = 0
    for (let i = row * vocab; i < (row + 1) * vocab; i++) {
      difference += (ours[i]! - theirs[i]!) ** 2
      norm += theirs[i]! ** 2
    }
    return Math.sqrt(difference / norm)
  })
}
