import { describe, expect, it } from 'vitest'
import type { StepInputs } from '../../device.ts'
import { createReferenceDevice } from './device.ts'

const device = createReferenceDevice()

function tensor(shape: readonly number[], values: readonly number[] = []) {
  const made = device.allocate(shape, 'f32', 'activations')
  device.upload(made, Float32Array.from(values))
  return made
}

/** Tokens `positions.length` of one sequence whose blocks are in order. */
function step(inputs: Partial<StepInputs> & { positions: Int32Array }): StepInputs {
  const tokens = inputs.positions.length
  return {
    tokens: new Int32Array(tokens),
    slots: inputs.positions,
    queryStarts: Int32Array.of(0, tokens),
    contextLengths: Int32Array.of(inputs.positions[tokens - 1]! + 1),
    blockTables: Int32Array.of(0),
    maxBlocks: 1,
    logitRows: Int32Array.of(tokens - 1),
    ...inputs,
  }
}

const near = (values: Float32Array, expected: readonly number[]) =>
  expected.forEach((value, i) => {
    expect(values[i]).toBeCloseTo(value, 5)
  })

describe('the reference device, by hand', () => {
  it('multiplies, adds the bias, and keeps what a storage keeps of a weight', () => {
    const out = tensor([1, 2])
    const x = tensor([1, 2], [1, 2])
    const bias = tensor([2], [10, 20])
    for (const [storage, first] of [
      ['f32', 3 + 2 * 4.01],
      ['bf16', 3 + 2 * 4.0],
      ['int8', 2 * 4.01 + Math.round(3 / (4.01 / 127)) * (4.01 / 127)],
    ] as const) {
      const weight = device.allocateWeight(2, 2, storage)
      device.uploadWeight(weight, 0, Float32Array.of(3, 4.01))
      device.uploadWeight(weight, 1, Float32Array.of(0, 0))
      device.linear(out, x, weight, 1, bias)
      near(device.download(out), [first + 10, 20])
    }
  })

  it('looks tokens up', () => {
    const table = device.allocateWeight(3, 2, 'f32')
    device.uploadWeight(table, 0, Float32Array.of(0, 1, 2, 3, 4, 5))
    const out = tensor([2, 2])
    device.begin(step({ positions: Int32Array.of(0, 1), tokens: Int32Array.of(2, 0) }))
    device.embed(out, table, 10)
    near(device.download(out), [40, 50, 0, 10])
    const last = tensor([1, 2])
    device.gather(last, out)
    near(device.download(last), [0, 10])
  })

  it('normalises, by a weight stored less one too', () => {
    const x = tensor([1, 2], [3, 4])
    const out = tensor([1, 2])
    const rms = Math.sqrt(12.5)
    device.norm(out, x, tensor([2], [1, 2]), 1, { epsilon: 0, offset: 0 })
    near(device.download(out), [3 / rms, 8 / rms])
    device.addNorm(out, x, tensor([1, 2], [1, -1]), tensor([2], [0, 1]), 1, { epsilon: 0, offset: 1 })
    near(device.download(x), [4, 3])
    near(device.download(out), [4 / rms, 6 / rms])
  })

  it('gates', () => {
    const out = tensor([1, 1])
    device.gatedActivation(out, tensor([1, 2], [1, 3]), 1, 'silu')
    near(device.download(out), [0.7310586 * 3])
    device.gatedActivation(out, tensor([1, 2], [1, 3]), 1, 'gelu-tanh')
    near(device.download(out), [0.841192 * 3])
  })

  it('rotates by the position, caches, and attends to what is before', () => {
    const heads = { heads: 1, kvHeads: 1, headDim: 2 }
    const kv = {
      k: device.allocate([1, 16, 1, 2], 'f32', 'kv-cache'),
      v: device.allocate([1, 16, 1, 2], 'f32', 'kv-cache'),
    }
    const rope = { cos: tensor([2, 1], [1, 0]), sin: tensor([2, 1], [0, 1]) }
    const qkv = tensor([2, 6], [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 7, 8])
    device.begin(step({ positions: Int32Array.of(0, 1) }))
    device.ropeAndCache(qkv, kv, heads, rope)
    near(device.download(qkv).slice(6, 8), [-2, 1])
    near(device.download(kv.k, 4), [3, 4, -4, 3])
    near(device.download(kv.v, 4), [5, 6, 7, 8])

    const out = tensor([2, 2])
    device.attention(out, qkv, kv, heads, { scale: 0.1, window: undefined })
    const [a, b] = [Math.exp(0.1 * (-2 * 3 + 4)), Math.exp(0.1 * (2 * 4 + 3))]
    near(device.download(out), [5, 6, (5 * a + 7 * b) / (a + b), (6 * a + 8 * b) / (a + b)])
    device.attention(out, qkv, kv, heads, { scale: 0.1, window: 1 })
    near(device.download(out), [5, 6, 7, 8])
  })

  it('refuses to leave its memory, to run without a step, and to allocate once sealed', () => {
    const other = createReferenceDevice()
    const weight = device.allocateWeight(4, 2, 'f32')
    expect(() => device.linear(tensor([1, 3]), tensor([1, 2]), weight, 1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: linear: out is [1, 3] but must hold 4 values]`,
    )
    const small = other.allocate([1], 'f32', 'activations')
    expect(() => other.gather(small, small)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: begin() comes before the first operation]`,
    )
    expect(other.seal()).toEqual({ activations: 4, weights: 0, 'kv-cache': 0, workspace: 0 })
    expect(() => other.allocate([1], 'f32', 'activations')).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: the device is sealed: allocate before seal()]`,
    )
  })
})
