import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Inputs } from '../../testing/case-inputs.ts'
import { createCpuDevice } from './device.ts'

describe('the CPU device', () => {
  it('says what was taken, and allocates no more once sealed', async () => {
    await using device = await createCpuDevice({ threads: 1 })
    device.allocate([10, 4], 'f32', 'activations')
    device.allocate([3], 'f32', 'weights')
    device.allocate([2, 16, 1, 8], 'bf16', 'kv-cache')
    device.allocateWeight(3, 17, 'int8')
    const { weights, 'kv-cache': cache, activations } = device.seal()
    expect({ weights, cache }).toEqual({ weights: 3 * 4 + 3 * 32 + 3 * 4, cache: 512 })
    expect(activations).toBeGreaterThanOrEqual(160)
    expect(() => device.allocate([1], 'f32', 'weights')).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: the device is sealed: allocate before seal()]`,
    )
    expect(() => device.allocateWeight(1, 1, 'f32')).toThrow(RangeError)
  })

  it('refuses what it cannot hold, with a way out', async () => {
    await using device = await createCpuDevice({ threads: 1 })
    device.allocate([2 ** 20], 'f32', 'weights')
    expect(() => device.allocateWeight(32000, 65536, 'f32')).toThrowErrorMatchingInlineSnapshot(
      `[ModelLoadError: the CPU device holds 4 GiB, of which 5 MiB are taken, so 8000 MiB more for weights do not fit: store the weights as int8 or choose a smaller context]`,
    )
    expect(() => device.allocate([4], 'bf16', 'activations')).toThrowErrorMatchingInlineSnapshot(
      `[UnsupportedError: the CPU device computes with f32: activations cannot be bf16]`,
    )
    // Still usable.
    device.allocateWeight(32, 32, 'f32')
  })

  it('refuses to leave its memory', async () => {
    await using device = await createCpuDevice({ threads: 1 })
    await using other = await createCpuDevice({ threads: 1 })
    const [small, weight] = [device.allocate([2, 4], 'f32', 'activations'), device.allocateWeight(4, 4, 'f32')]
    expect(() => device.linear(small, small, weight, 3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: linear: out is [2, 4] but must hold 12 values]`,
    )
    expect(() => device.gather(small, small)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: begin() comes before the first operation]`,
    )
    expect(() => other.linear(small, small, weight, 1)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: this weight belongs to another device]`,
    )
    expect(() => device.upload(small, new Float32Array(9))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: a tensor of 8 values cannot take 9 from 0 on]`,
    )
    expect(() => device.uploadWeight(weight, 3, new Float32Array(8))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: weight [4, 4]: cannot take 8 values from row 3 on]`,
    )
    await expect(createCpuDevice({ threads: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: threads is 0 but must be 1 or more]`,
    )
  })

  it('carries infinities and NaN through int8', async () => {
    await using device = await createCpuDevice({ threads: 1 })
    const [x, out] = [device.allocate([4, 2], 'f32', 'activations'), device.allocate([4, 1], 'f32', 'activations')]
    const weight = device.allocateWeight(1, 2, 'int8')
    device.uploadWeight(weight, 0, Float32Array.of(1, 1))
    device.upload(x, Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, 1, 0, 0, 3, 1))
    device.linear(out, x, weight, 4)
    const [nan, infinite, zero, four] = device.download(out)
    expect([nan, infinite, zero]).toEqual([Number.NaN, Number.NaN, 0])
    expect(four).toBeCloseTo(4, 3)
  })

  it('may be disposed of twice, and still computes alone', async () => {
    const device = await createCpuDevice({ threads: 3, chunkWork: 1 })
    const inputs = new Inputs(device, 1)
    const [x, sum] = [inputs.filled([50, 64]), inputs.filled([50, 64])]
    await Promise.all([device[Symbol.asyncDispose](), device[Symbol.asyncDispose]()])
    await device[Symbol.asyncDispose]()
    const before = device.download(sum)
    device.add(sum, x, 50)
    expect(device.download(sum, 1)[0]).toBe(Math.fround(before[0]! + device.download(x, 1)[0]!))
  })

  it('lets the process end though nobody disposed of it', async () => {
    const url = new URL('./device.ts', import.meta.url).href
    const script = `const { createCpuDevice } = await import('${url}'); await createCpuDevice({ threads: 3 }); console.log('made')`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
      { timeout: 20_000 },
    )
    expect(stdout).toBe('made\n')
  })

  it('does not slow down where threads outnumber cores', async () => {
    const seconds = async (threads: number) => {
      await using device = await createCpuDevice({ threads, chunkWork: 20_000 })
      const inputs = new Inputs(device, 1)
      const weight = device.allocateWeight(1024, 512, 'f32')
      const [x, out] = [inputs.filled([1, 512]), inputs.poisoned([1, 1024])]
      for (let i = 0; i < 50; i++) device.linear(out, x, weight, 1)
      const start = performance.now()
      for (let i = 0; i < 300; i++) device.linear(out, x, weight, 1)
      return performance.now() - start
    }
    const alone = await seconds(1)
    // Other processes take the cores too; spinning barriers are slower by whole time slices, some 40 times.
    expect(await seconds(16)).toBeLessThan(10 * alone + 100)
  })
})
