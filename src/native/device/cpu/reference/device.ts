import { sampleRow } from '../../../sampling/sample-row.ts'
import type { ActivationType, Device, MemoryBudget, StepInputs, Tensor, Weight } from '../../device.ts'
import { columnsOf, requireRoom } from '../room.ts'
import { type Sampler, stepRunner } from '../run-step.ts'
import { uploadRandom } from '../upload-random.ts'
import { gatedActivation } from './activation.ts'
import { add } from './add.ts'
import { attend } from './attention.ts'
import { embed } from './embed.ts'
import { gather } from './gather.ts'
import { linear } from './linear.ts'
import { ReferenceTensor, ReferenceWeight } from './memory.ts'
import { norm, normAt } from './norm.ts'
import { rotate } from './rope.ts'

/**
 * The device whose only virtue is to be plainly right: loops over typed arrays, sums in double precision. Every other
 * device is checked against it, at its own type of activations.
 */
export function createReferenceDevice(activationType: ActivationType = 'f32'): Device {
  const memory = { weights: 0, 'kv-cache': 0, activations: 0, workspace: 0 }
  let sealed = false
  let step: StepInputs | undefined

  const tensor = (value: Tensor): ReferenceTensor => {
    if (value instanceof ReferenceTensor) return value
    throw new TypeError('this tensor belongs to another device')
  }
  const weightOf = (value: Weight): ReferenceWeight => {
    if (value instanceof ReferenceWeight) return value
    throw new TypeError('this weight belongs to another device')
  }
  const current = (): StepInputs => {
    if (step === undefined) throw new RangeError('begin() comes before the first operation')
    return step
  }
  const unsealed = (): void => {
    if (sealed) throw new RangeError('the device is sealed: allocate before seal()')
  }
  const floats = (value: Tensor, elements: number, operation: string, role: string): Float32Array => {
    requireRoom(value, elements, operation, role)
    return tensor(value).floats
  }
  const sample: Sampler = (logits, rows) => {
    const vocab = columnsOf(logits)
    const values = floats(logits, rows.length * vocab, 'sample', 'logits')
    return rows.map((row, r) => sampleRow(values.subarray(r * vocab, (r + 1) * vocab), row))
  }

  return {
    name: 'cpu-reference',
    activationType,
    types: new Set(['f32', 'bf16', 'f16', 'fp8', 'i32', 'int8'] as const),
    batchInvariant: true,
    depth: 1,
    run: stepRunner(sample),
    async prepare() {},

    allocate(shape, type, purpose) {
      unsealed()
      const made = new ReferenceTensor([...shape], type, purpose)
      memory[purpose] += made.bytes
      return made
    },

    upload(to, values, offset = 0) {
      const { values: target } = tensor(to)
      target.set(values, offset)
      tensor(to).settle(offset, offset + values.length)
    },

    download(from, elements) {
      return Float32Array.from(tensor(from).values.subarray(0, elements))
    },

    allocateWeight(out, inner, storage) {
      unsealed()
      const made = new ReferenceWeight(out, inner, storage)
      memory.weights += made.bytes
      return made
    },

    uploadWeight(weight, firstRow, values) {
      weightOf(weight).store(firstRow, values)
    },

    uploadRandom(to, first, count, key, scale) {
      uploadRandom(this, to, first, count, key, scale)
    },

    seal(): MemoryBudget {
      sealed = true
      return { ...memory }
    },

    begin(inputs) {
      step = inputs
    },

    embed(out, table, scale) {
      const { tokens } = current()
      const width = table.shape[1]
      embed(floats(out, tokens.length * width, 'embed', 'out'), weightOf(table).values, tokens, width, scale)
      tensor(out).settle(0, tokens.length * width)
    },

    norm(out, x, weight, rows, { epsilon, offset }) {
      const width = columnsOf(weight)
      const target = floats(out, rows * width, 'norm', 'out')
      norm(target, floats(x, rows * width, 'norm', 'x'), tensor(weight).floats, rows, width, epsilon, offset)
      tensor(out).settle(0, rows * width)
    },

    addNorm(out, residual, x, weight, rows, options) {
      this.add(residual, x, rows)
      this.norm(out, residual, weight, rows, options)
    },

    add(residual, x, rows) {
      const elements = rows * columnsOf(residual)
      add(floats(residual, elements, 'add', 'residual'), floats(x, elements, 'add', 'x'), elements)
      tensor(residual).settle(0, elements)
    },

    linear(out, x, weight, rows, bias) {
      const [width, inner] = weight.shape
      const target = floats(out, rows * width, 'linear', 'out')
      const source = floats(x, rows * inner, 'linear', 'x')
      const added = bias === undefined ? undefined : floats(bias, width, 'linear', 'bias')
      linear(target, source, weightOf(weight).values, rows, width, inner, added)
      tensor(out).settle(0, rows * width)
    },

    ropeAndCache(qkv, kv, { heads, kvHeads, headDim }, rope, qkNorm) {
      const { positions, slots } = current()
      const stride = (heads + 2 * kvHeads) * headDim
      const cacheStride = kvHeads * headDim
      const x = floats(qkv, positions.length * stride, 'ropeAndCache', 'qkv')
      const [k, v] = [tensor(kv.k), tensor(kv.v)]
      const [cos, sin] = [tensor(rope.cos).floats, tensor(rope.sin).floats]
      for (let t = 0; t < positions.length; t++) {
        for (let head = 0; head < heads + kvHeads; head++) {
          const at = t * stride + head * headDim
          if (qkNorm !== undefined) {
            const weight = tensor(head < heads ? qkNorm.q : qkNorm.k).floats
            normAt(x, at, x, at, weight, headDim, qkNorm.epsilon, qkNorm.offset)
          }
          rotate(x, at, headDim, cos, sin, positions[t]!)
        }
        const keys = t * stride + heads * headDim
        const slot = slots[t]! * cacheStride
        k.floats.set(x.subarray(keys, keys + cacheStride), slot)
        v.floats.set(x.subarray(keys + cacheStride, keys + 2 * cacheStride), slot)
        k.settle(slot, slot + cacheStride)
        v.settle(slot, slot + cacheStride)
      }
      tensor(qkv).settle(0, positions.length * stride)
    },

    attention(out, qkv, kv, { heads, kvHeads, headDim }, { scale, window }) {
      const { positions, queryStarts, blockTables, maxBlocks } = current()
      const stride = (heads + 2 * kvHeads) * headDim
      const target = floats(out, positions.length * heads * headDim, 'attention', 'out')
      const q = floats(qkv, positions.length * stride, 'attention', 'qkv')
      const [k, v] = [tensor(kv.k).floats, tensor(kv.v).floats]
      for (let s = 0; s + 1 < queryStarts.length; s++) {
        const blocks = blockTables.subarray(s * maxBlocks, (s + 1) * maxBlocks)
        for (let t = queryStarts[s]!; t < queryStarts[s + 1]!; t++) {
          const last = positions[t]!
          const first = window === undefined ? 0 : Math.max(0, last - window + 1)
          for (let head = 0; head < heads; head++) {
            const [outAt, qAt] = [(t * heads + head) * headDim, t * stride + head * headDim]
            const kvHead = Math.floor((head * kvHeads) / heads)
            attend(target, outAt, q, qAt, k, v, blocks, kvHeads, kvHead, headDim, first, last, scale)
          }
        }
      }
      tensor(out).settle(0, positions.length * heads * headDim)
    },

    gatedActivation(out, gateUp, rows, activation) {
      const width = columnsOf(gateUp) / 2
      const target = floats(out, rows * width, 'gatedActivation', 'out')
      const source = floats(gateUp, rows * 2 * width, 'gatedActivation', 'gateUp')
      gatedActivation(target, source, rows, width, activation)
      tensor(out).settle(0, rows * width)
    },

    gather(out, x) {
      const { logitRows } = current()
      const width = columnsOf(x)
      gather(floats(out, logitRows.length * width, 'gather', 'out'), tensor(x).floats, logitRows, width)
      tensor(out).settle(0, logitRows.length * width)
    },

    sample: async (logits, rows) => sample(logits, rows),

    async [Symbol.asyncDispose]() {},
  }
}
