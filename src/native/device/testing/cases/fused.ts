import type { RowSampling } from '../../../sampling/row.ts'
import type { Activation, HeadShape, WeightStorage } from '../../device.ts'
import { Inputs, stepOf } from '../case-inputs.ts'
import { type DeviceCase, STORAGES } from '../device-case.ts'
import { PLAIN_ROW } from '../sampling-rows.ts'

interface LayerShape {
  readonly hidden: number
  readonly intermediate: number
  readonly vocab: number
  readonly heads: HeadShape
}

interface LayerOptions {
  readonly activation: Activation
  readonly offset: 0 | 1
  readonly biased: boolean
}

/**
 * Rounding of activations to 16 bits, through a layer: where a device joins operations it rounds less often than the
 * reference.
 */
const LAYER = 3e-2

/**
 * A layer of a decoder but for its attention, as one program, of one token for each of `rows` sequences. Only what comes
 * out is compared: a device that joins operations need not leave what lies between them.
 */
function layerCase(rows: number, storage: WeightStorage, shape: LayerShape, options: LayerOptions): DeviceCase {
  const { hidden, intermediate, vocab, heads } = shape
  const { activation, offset, biased } = options
  const qkvWidth = (heads.heads + 2 * heads.kvHeads) * heads.headDim
  const attendedWidth = heads.heads * heads.headDim
  return {
    name: `a layer of ${rows} rows, ${storage}, ${hidden} wide, ${activation}, weight + ${offset}${biased ? ', biased' : ''}`,
    tolerance: LAYER,
    needs: storage,
    async run(device, seed) {
      const inputs = new Inputs(device, seed)
      const weight = (out: number, inner: number) => {
        const matrix = device.allocateWeight(out, inner, storage)
        device.uploadWeight(matrix, 0, inputs.normal(out * inner, 1 / Math.sqrt(inner)))
        return matrix
      }
      const step = stepOf(
        inputs,
        Array.from({ length: rows }, (_, s) => ({ cached: (7 * s) % 20, queries: 1 })),
      )
      const kv = inputs.cache(step.blocks, heads.kvHeads, heads.headDim, 'f32')
      const angles = Array.from({ length: 20 * (heads.headDim / 2) }, () => inputs.uniform() * 7)
      const [cos, sin] = [Math.cos, Math.sin].map(function_ => {
        const table = device.allocate([20, heads.headDim / 2], 'f32', 'weights')
        device.upload(table, Float32Array.from(angles, function_))
        return table
      })
      const norms = [hidden, hidden, hidden].map(width => inputs.vector(width))
      const biases = biased ? [qkvWidth, hidden, 2 * intermediate, hidden].map(width => inputs.vector(width)) : []
      const [qkvWeight, outWeight] = [weight(qkvWidth, hidden), weight(hidden, attendedWidth)]
      const [gateUpWeight, downWeight] = [weight(2 * intermediate, hidden), weight(hidden, intermediate)]
      const head = weight(vocab, hidden)
      const residual = inputs.filled([rows, hidden], 1, 'f32')
      const attended = inputs.filled([rows, attendedWidth])
      const [normed, branch, gathered] = [1, 2, 3].map(() => inputs.poisoned([rows, hidden]))
      const [qkv, gateUp] = [inputs.poisoned([rows, qkvWidth]), inputs.poisoned([rows, 2 * intermediate])]
      const [activated, logits] = [inputs.poisoned([rows, intermediate]), inputs.poisoned([rows, vocab], 'f32')]
      const norm = { epsilon: 1e-5, offset }
      const pending = device.run(
        step,
        Array.from(step.logitRows, () => GREEDY),
        (tokens, logitRows) => {
          device.norm(normed!, residual, norms[0]!, tokens, norm)
          device.linear(qkv, normed!, qkvWeight, tokens, biases[0])
          device.ropeAndCache(qkv, kv, heads, { cos: cos!, sin: sin! })
          device.linear(branch!, attended, outWeight, tokens, biases[1])
          device.addNorm(normed!, residual, branch!, norms[1]!, tokens, norm)
          device.linear(gateUp, normed!, gateUpWeight, tokens, biases[2])
          device.gatedActivation(activated, gateUp, tokens, activation)
          device.linear(branch!, activated, downWeight, tokens, biases[3])
          device.addNorm(normed!, residual, branch!, norms[2]!, tokens, norm)
          device.gather(gathered!, normed!)
          device.linear(logits, gathered!, head, logitRows)
          return logits
        },
      )
      await pending.take()
      return [logits, residual, kv.k, kv.v].map(tensor => device.download(tensor))
    },
  }
}

const GREEDY: RowSampling = { ...PLAIN_ROW, temperature: 0 }

const SMALL: LayerShape = {
  hidden: 64,
  intermediate: 96,
  vocab: 48,
  heads: { heads: 2, kvHeads: 1, headDim: 32 },
}
/** Widths that blocks do not divide. */
const UNEVEN: LayerShape = {
  hidden: 272,
  intermediate: 176,
  vocab: 77,
  heads: { heads: 3, kvHeads: 3, headDim: 80 },
}
/** A width that no vector divides. */
const ODD: LayerShape = { hidden: 37, intermediate: 19, vocab: 7, heads: { heads: 1, kvHeads: 1, headDim: 8 } }

const PLAIN = { activation: 'silu', offset: 0, biased: false } as const
const BIASED = { activation: 'gelu-tanh', offset: 1, biased: true } as const

/** Operations one after the other, as a decoder names them, that a device may join. */
export const FUSED_CASES: readonly DeviceCase[] = [
  ...STORAGES.flatMap(storage => [
    layerCase(1, storage, SMALL, PLAIN),
    layerCase(1, storage, UNEVEN, BIASED),
    layerCase(5, storage, SMALL, BIASED),
    layerCase(33, storage, UNEVEN, PLAIN),
  ]),
  layerCase(1, 'bf16', ODD, BIASED),
  layerCase(70, 'bf16', SMALL, PLAIN),
]
