import type { Activation, ElementType, HeadShape, StepInputs, Tensor, WeightStorage } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import { type CaseSequence, Inputs, stepOf } from '../case-inputs.ts'
import { samplingRows } from '../sampling-rows.ts'
import type { SpeedCase, SpeedStep } from './speed-case.ts'
import type { SpeedInputs } from './speed-inputs.ts'

/** What decides a decoder's operations. */
export interface SpeedModel {
  readonly hidden: number
  readonly intermediate: number
  readonly vocab: number
  readonly heads: HeadShape
  readonly activation: Activation
}

export interface SpeedSizes {
  readonly models: readonly SpeedModel[]
  /** Of projections, norms and the like. */
  readonly rows: readonly number[]
  /** Of few models: weights that are quantised. */
  readonly quantised: { readonly models: number; readonly storages: readonly WeightStorage[] }
  /** Steps of attention. */
  readonly attention: readonly (readonly CaseSequence[])[]
  readonly sampling: { readonly vocabs: readonly number[]; readonly rows: readonly number[] }
}

const heads = (heads: number, kvHeads: number, headDim: number): HeadShape => ({ heads, kvHeads, headDim })
const model = (
  hidden: number,
  intermediate: number,
  vocab: number,
  heads: HeadShape,
  activation: Activation = 'silu',
): SpeedModel => ({ hidden, intermediate, vocab, heads, activation })

/** Llama 2 7B, Mistral 7B, Llama 3 8B, Llama 2 13B, Gemma 3 4B, at decoding alone and with 32 others, and at prompts. */
export const REAL_SIZES: SpeedSizes = {
  models: [
    model(4096, 11008, 32_000, heads(32, 32, 128)),
    model(4096, 14336, 32_768, heads(32, 8, 128)),
    model(4096, 14336, 128_256, heads(32, 8, 128)),
    model(5120, 13824, 32_000, heads(40, 40, 128)),
    model(2560, 10240, 262_144, heads(8, 4, 256), 'gelu-tanh'),
  ],
  rows: [1, 32, 2048],
  quantised: { models: 1, storages: ['int8', 'fp8'] },
  attention: [decoding(1, 2048), decoding(32, 512), [{ cached: 0, queries: 2048 }]],
  sampling: { vocabs: [32_000, 131_072, 262_144], rows: [1, 32] },
}

/** What an emulated card gets through. */
export const TINY_SIZES: SpeedSizes = {
  models: [model(64, 96, 80, heads(2, 1, 32))],
  rows: [1, 9],
  quantised: { models: 1, storages: ['int8'] },
  attention: [decoding(2, 40), [{ cached: 0, queries: 20 }]],
  sampling: { vocabs: [80], rows: [2] },
}

export function speedCases({ models, rows, quantised, attention, sampling }: SpeedSizes): readonly SpeedCase[] {
  const all = [
    ...models.flatMap((each, i) => {
      const storages = ['bf16', ...(i < quantised.models ? quantised.storages : [])] as const
      const most = Math.max(...rows)
      return storages.flatMap(storage =>
        projectionsOf(each).flatMap(([width, inner]) =>
          // Of a prompt the last token's logits are wanted alone.
          rows
            .filter(count => width !== each.vocab || count < most)
            .map(count => linearCase(storage, count, width, inner, width === each.vocab ? 'f32' : undefined)),
        ),
      )
    }),
    ...models.flatMap(each => rows.flatMap(count => smallCases(each, count))),
    ...models.flatMap(each => attention.map(sequences => attentionCase(each.heads, sequences))),
    ...sampling.vocabs.flatMap(vocab => sampling.rows.map(count => samplingCase(vocab, count))),
  ]
  // Models have shapes in common.
  return [...new Map(all.map(each => [each.name, each])).values()]
}

/** Query, key and value; attention's output; gate and up; down; head. */
function projectionsOf({ hidden, intermediate, vocab, heads }: SpeedModel): readonly (readonly [number, number])[] {
  const attended = heads.heads * heads.headDim
  return [
    [attended + 2 * heads.kvHeads * heads.headDim, hidden],
    [hidden, attended],
    [2 * intermediate, hidden],
    [hidden, intermediate],
    [vocab, hidden],
  ]
}

function linearCase(storage: WeightStorage, rows: number, width: number, inner: number, type?: ElementType): SpeedCase {
  const rotatedBytes = width * inner * ELEMENT_BYTES[storage]
  const bytes = rotatedBytes + rows * (2 * inner + (type === 'f32' ? 4 : 2) * width)
  return {
    name: `linear ${storage} [${rows}, ${inner}] · [${width}, ${inner}]ᵀ`,
    rotatedBytes,
    least: { bytes, flops: 2 * rows * inner * width },
    prepare(inputs, copies) {
      const [x, out] = [inputs.active('x', [rows, inner]), inputs.active('out', [rows, width], type)]
      return repeated(inputs, copies, out, copy => {
        const weight = inputs.weight(width, inner, storage, copy)
        return () => inputs.device.linear(out, x, weight, rows)
      })
    },
  }
}

/** Operations between projections, whose inputs a model has just written. */
function smallCases({ hidden, intermediate, vocab, heads: shape, activation }: SpeedModel, rows: number): SpeedCase[] {
  const { heads, kvHeads, headDim } = shape
  const norm = { epsilon: 1e-5, offset: 0 } as const
  return [
    {
      name: `addNorm [${rows}, ${hidden}]`,
      rotatedBytes: 0,
      prepare(inputs, copies) {
        const [x, out] = [inputs.active('x', [rows, hidden]), inputs.active('out', [rows, hidden])]
        const residual = inputs.active('residual', [rows, hidden], 'f32')
        const weight = inputs.floats('norm', hidden)
        const one = () => inputs.device.addNorm(out, residual, x, weight, rows, norm)
        return repeated(inputs, copies, out, () => one)
      },
    },
    {
      name: `gatedActivation ${activation} [${rows}, ${intermediate}]`,
      rotatedBytes: 0,
      prepare(inputs, copies) {
        const gateUp = inputs.active('x', [rows, 2 * intermediate])
        const out = inputs.active('out', [rows, intermediate])
        const one = () => inputs.device.gatedActivation(out, gateUp, rows, activation)
        return repeated(inputs, copies, out, () => one)
      },
    },
    {
      name: `embed bf16 [${rows}] of [${vocab}, ${hidden}]`,
      rotatedBytes: 0,
      prepare(inputs, copies) {
        const table = inputs.weight(vocab, hidden, 'bf16', 0)
        const out = inputs.active('embedded', [rows, hidden], 'f32')
        const step = stepOf(new Inputs(inputs.device, 1), [{ cached: 0, queries: rows }], vocab)
        return repeated(inputs, copies, out, () => () => inputs.device.embed(out, table, 1), step)
      },
    },
    {
      name: `ropeAndCache [${rows}] ${heads}/${kvHeads} heads of ${headDim}`,
      rotatedBytes: 0,
      prepare(inputs, copies) {
        const step = stepOf(new Inputs(inputs.device, 1), [{ cached: 0, queries: rows }])
        const kv = inputs.cache(step.blocks, kvHeads, headDim, inputs.device.activationType, 0)
        const qkv = inputs.active('qkv', [rows, (heads + 2 * kvHeads) * headDim])
        const [cos, sin] = ['cos', 'sin'].map(name => inputs.floats(name, rows, headDim / 2))
        const tables = { cos: cos!, sin: sin! }
        return repeated(inputs, copies, qkv, () => () => inputs.device.ropeAndCache(qkv, kv, shape, tables), step)
      },
    },
  ]
}

function attentionCase(shape: HeadShape, sequences: readonly CaseSequence[]): SpeedCase {
  const { heads, kvHeads, headDim } = shape
  const { cached, queries } = sequences[0]!
  const positions = sequences.reduce((sum, each) => sum + each.cached + each.queries, 0)
  const work = queries === 1 ? `${sequences.length} × ${cached + 1}` : `a prompt of ${queries}`
  return {
    name: `attention ${heads}/${kvHeads} heads of ${headDim}: ${work}`,
    rotatedBytes: 2 * positions * kvHeads * headDim * 2,
    prepare(inputs, copies) {
      const { device } = inputs
      const step = stepOf(new Inputs(device, 1), sequences)
      const tokens = step.tokens.length
      const qkv = inputs.active('qkv', [tokens, (heads + 2 * kvHeads) * headDim])
      const out = inputs.active('attended', [tokens, heads * headDim])
      const options = { scale: 1 / Math.sqrt(headDim), window: undefined }
      const one = (copy: number) => {
        const kv = inputs.cache(step.blocks, kvHeads, headDim, device.activationType, copy)
        return () => device.attention(out, qkv, kv, shape, options)
      }
      return repeated(inputs, copies, out, one, step)
    },
  }
}

function samplingCase(vocab: number, rows: number): SpeedCase {
  return {
    name: `sample [${rows}, ${vocab}], top-p 0.9`,
    rotatedBytes: 0,
    prepare(inputs, copies) {
      const logits = inputs.logits(rows, vocab)
      const wanted = samplingRows(Array.from({ length: rows }, () => ({ temperature: 0.8, topP: 0.9 })))
      return { ...repeated(inputs, copies, logits, () => () => {}), rows: wanted }
    },
  }
}

/** A program for each copy, whose inputs are made before it runs. `out` stands for its logits, which nobody draws from. */
function repeated(
  { device }: SpeedInputs,
  copies: number,
  out: Tensor,
  operationOf: (copy: number) => () => void,
  step: StepInputs = stepOf(new Inputs(device, 1), [{ cached: 0, queries: 1 }]),
): SpeedStep {
  const programs = Array.from({ length: copies }, (_, copy) => {
    const operation = operationOf(copy)
    return () => {
      operation()
      return out
    }
  })
  return { step, rows: [], programs }
}

/** One token of each sequence, which then has so many. */
function decoding(sequences: number, context: number): readonly CaseSequence[] {
  return Array.from({ length: sequences }, () => ({ cached: context - 1, queries: 1 }))
}
