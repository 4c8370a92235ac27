import { afterAll, describe, expect, it } from 'vitest'
import type { StepInputs } from '../../device.ts'
import { Inputs, stepOf } from '../../testing/case-inputs.ts'
import { casesFor } from '../../testing/cases.ts'
import { createCpuDevice } from './device.ts'

const [one, three] = await Promise.all([1, 3].map(threads => createCpuDevice({ threads, chunkWork: 1 })))
const device = three!
afterAll(() => Promise.all([one, three].map(each => each![Symbol.asyncDispose]())))

const bits = (values: Float32Array) => [...new Uint32Array(values.buffer, values.byteOffset, values.length)]

describe('a result is the same bits', () => {
  it.each(casesFor(device))('on 1 thread and on 3: $name', async ({ run, seed }) => {
    const [many, alone] = [await run(three!, seed), await run(one!, seed)]
    expect(many.map(bits)).toEqual(alone.map(bits))
  })

  it.each([
    { storage: 'f32', inner: 256, width: 97 },
    { storage: 'f32', inner: 2051, width: 31 },
    { storage: 'bf16', inner: 256, width: 97 },
    { storage: 'bf16', inner: 1022, width: 31 },
    { storage: 'int8', inner: 256, width: 97 },
    { storage: 'int8', inner: 5000, width: 31 },
  ] as const)('for a row alone and among others: linear $storage [$width, $inner]', ({ storage, inner, width }) => {
    const inputs = new Inputs(device, inner)
    const weight = device.allocateWeight(width, inner, storage)
    device.uploadWeight(weight, 0, inputs.normal(width * inner))
    const [rows, bias] = [39, inputs.vector(width)]
    const [x, out] = [inputs.filled([rows, inner]), inputs.poisoned([rows, width])]
    device.linear(out, x, weight, rows, bias)
    const all = device.download(out, rows * width)
    const [alone, result] = [inputs.poisoned([1, inner]), inputs.poisoned([1, width])]
    for (let r = 0; r < rows; r++) {
      device.upload(alone, device.download(x).slice(r * inner, (r + 1) * inner))
      device.linear(result, alone, weight, 1, bias)
      expect(bits(device.download(result, width))).toEqual(bits(all.slice(r * width, (r + 1) * width)))
    }
  })

  it.each([undefined, 21])(
    'for a prompt in one step, in chunks, token by token, and among others (window %s)',
    window => {
      const [heads, kvHeads, headDim, length] = [8, 2, 40, 53]
      const width = (heads + 2 * kvHeads) * headDim
      const inputs = new Inputs(device, 5)
      const values = inputs.normal(length * width)
      const [qkv, out] = [inputs.poisoned([2 * length, width]), inputs.poisoned([2 * length, heads * headDim])]
      const rope = { cos: inputs.vector(length * (headDim / 2)), sin: inputs.vector(length * (headDim / 2)) }

      // The tokens `from … to` of the prompt, behind the first `others` of another sequence.
      const run = (step: StepInputs, kv: ReturnType<Inputs['cache']>, others: number, from: number, to: number) => {
        device.upload(qkv, values.slice(0, others * width))
        device.upload(qkv, values.slice(from * width, to * width), others * width)
        device.begin(step)
        device.ropeAndCache(qkv, kv, { heads, kvHeads, headDim }, rope)
        device.attention(out, qkv, kv, { heads, kvHeads, headDim }, { scale: 0.3, window })
        const rows = heads * headDim
        return bits(device.download(out, (others + to - from) * rows)).slice(others * rows)
      }
      const inChunks = (ends: readonly number[]) => {
        const whole = stepOf(inputs, [{ cached: 0, queries: length }])
        const kv = inputs.cache(whole.blocks, kvHeads, headDim, 'f32')
        return ends.flatMap((to, i) => {
          const from = ends[i - 1] ?? 0
          const part = {
            ...whole,
            tokens: whole.tokens.slice(from, to),
            positions: whole.positions.slice(from, to),
            slots: whole.slots.slice(from, to),
            queryStarts: Int32Array.of(0, to - from),
            contextLengths: Int32Array.of(to),
          }
          return run(part, kv, 0, from, to)
        })
      }
      const whole = inChunks([length])
      expect(inChunks([20, 33, length])).toEqual(whole)
      expect(inChunks(Array.from({ length }, (_, i) => i + 1))).toEqual(whole)

      const both = [
        { cached: 0, queries: 30 },
        { cached: 0, queries: length },
      ]
      const batch = stepOf(inputs, both)
      expect(run(batch, inputs.cache(batch.blocks, kvHeads, headDim, 'f32'), 30, 0, length)).toEqual(whole)
    },
  )
})
