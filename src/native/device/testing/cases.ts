import type { Activation, Device, ElementType, HeadShape, WeightStorage } from '../device.ts'
import { type CaseSequence, fillCache, Inputs, stepOf } from './case-inputs.ts'

/**
 * One operation at one shape. What it returns on a device is compared with what it returns on the reference device,
 * for the same seed; values that the operation must not touch are NaN on both.
 */
export interface DeviceCase {
  readonly name: string
  /** Largest error of a value, relative to the root mean square of all of them. */
  readonly tolerance: number
  run(device: Device, seed: number): Float32Array[]
}

/** Rounding of floats, summed in whatever order. */
const FLOAT = 1e-5
/** That of activations to 16 bits too. */
const INT8 = 2e-4

const STORAGES = ['f32', 'bf16', 'int8'] as const

function linearCase(storage: WeightStorage, rows: number, width: number, inner: number, biased: boolean): DeviceCase {
  return {
    name: `linear ${storage} [${rows}, ${inner}] · [${width}, ${inner}]ᵀ${biased ? ' + bias' : ''}`,
    tolerance: storage === 'int8' ? INT8 : FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const weight = device.allocateWeight(width, inner, storage)
      device.uploadWeight(weight, 0, inputs.normal(width * inner, 0.1))
      const [x, out] = [inputs.filled([rows, inner]), inputs.poisoned([rows, width])]
      device.linear(out, x, weight, rows, biased ? inputs.vector(width) : undefined)
      return [device.download(out)]
    },
  }
}

function embedCase(storage: WeightStorage, width: number, scale: number): DeviceCase {
  return {
    name: `embed ${storage} [99, ${width}] · ${scale}`,
    tolerance: FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const table = device.allocateWeight(99, width, storage)
      // Row by row, as a loader that streams would.
      for (let row = 0; row < 99; row++) device.uploadWeight(table, row, inputs.normal(width))
      const out = inputs.poisoned([5, width], 'f32')
      device.begin(stepOf(inputs, [{ cached: 0, queries: 5 }], 99))
      device.embed(out, table, scale)
      return [device.download(out)]
    },
  }
}

function normCase(rows: number, width: number, offset: 0 | 1): DeviceCase {
  return {
    name: `norm, add and addNorm [${rows}, ${width}], weight + ${offset}`,
    tolerance: FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const weight = inputs.vector(width)
      const [x, residual] = [inputs.filled([rows, width]), inputs.filled([rows, width], 3, 'f32')]
      const [normed, added] = [inputs.poisoned([rows, width]), inputs.poisoned([rows, width])]
      const options = { epsilon: 1e-5, offset }
      device.norm(normed, x, weight, rows, options)
      device.add(x, residual, rows)
      device.addNorm(added, residual, x, weight, rows, options)
      device.norm(x, x, weight, rows, options)
      return [normed, added, residual, x].map(tensor => device.download(tensor))
    },
  }
}

function activationCase(activation: Activation, rows: number, width: number): DeviceCase {
  return {
    name: `gatedActivation ${activation} [${rows}, ${width}]`,
    tolerance: FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      // Wide enough to reach where the function is flat on either side.
      const [gateUp, out] = [inputs.filled([rows, 2 * width], 5), inputs.poisoned([rows, width])]
      device.gatedActivation(out, gateUp, rows, activation)
      return [device.download(out)]
    },
  }
}

function gatherCase(width: number): DeviceCase {
  return {
    name: `gather [3, ${width}]`,
    tolerance: 0,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      device.begin(
        stepOf(
          inputs,
          [2, 1, 4].map(queries => ({ cached: 3, queries })),
        ),
      )
      const [x, out] = [inputs.filled([7, width]), inputs.poisoned([3, width])]
      device.gather(out, x)
      return [device.download(out)]
    },
  }
}

function ropeCase(shape: HeadShape, type: ElementType, normed: boolean): DeviceCase {
  const { heads, kvHeads, headDim } = shape
  return {
    name: `ropeAndCache ${type} ${heads}/${kvHeads} heads of ${headDim}${normed ? ', q and k normed' : ''}`,
    tolerance: type === 'bf16' ? 2 ** -7 : FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const step = stepOf(
        inputs,
        [0, 5, 14].map(cached => ({ cached, queries: 3 })),
      )
      const kv = inputs.cache(step.blocks, kvHeads, headDim, type)
      const angles = Array.from({ length: 20 * (headDim / 2) }, () => inputs.uniform() * 7)
      const [cos, sin] = [Math.cos, Math.sin].map(function_ => {
        const table = device.allocate([20, headDim / 2], 'f32', 'weights')
        device.upload(table, Float32Array.from(angles, function_))
        return table
      })
      const qkv = inputs.filled([9, (heads + 2 * kvHeads) * headDim])
      const qkNorm = { q: inputs.vector(headDim), k: inputs.vector(headDim), epsilon: 1e-6, offset: 1 } as const
      device.begin(step)
      device.ropeAndCache(qkv, kv, shape, { cos: cos!, sin: sin! }, normed ? qkNorm : undefined)
      return [qkv, kv.k, kv.v].map(tensor => device.download(tensor))
    },
  }
}

function attentionCase(
  shape: HeadShape,
  sequences: readonly CaseSequence[],
  window: number | undefined = undefined,
  type: ElementType = 'f32',
): DeviceCase {
  const { heads, kvHeads, headDim } = shape
  const lengths = sequences.map(({ cached, queries }) => `${queries} after ${cached}`).join(', ')
  const seen = window === undefined ? '' : `, window ${window}`
  return {
    name: `attention ${type} ${heads}/${kvHeads} heads of ${headDim}: ${lengths}${seen}`,
    tolerance: FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const step = stepOf(inputs, sequences)
      const count = step.tokens.length
      const kv = inputs.cache(step.blocks, kvHeads, headDim, type)
      fillCache(inputs, kv, step, kvHeads * headDim)
      const qkv = inputs.filled([count, (heads + 2 * kvHeads) * headDim])
      const out = inputs.poisoned([count, heads * headDim])
      device.begin(step)
      device.attention(out, qkv, kv, shape, { scale: 2 / Math.sqrt(headDim), window })
      return [device.download(out)]
    },
  }
}

/** Every operation at the shapes where kernels go wrong: odd sizes, single rows, block boundaries, long contexts. */
export const DEVICE_CASES: readonly DeviceCase[] = [
  ...STORAGES.flatMap(storage => [
    linearCase(storage, 1, 1, 1, false),
    linearCase(storage, 1, 7, 3, true),
    linearCase(storage, 1, 64, 256, false),
    linearCase(storage, 2, 5, 17, true),
    linearCase(storage, 3, 9, 31, false),
    linearCase(storage, 4, 6, 100, true),
    linearCase(storage, 5, 33, 72, false),
    linearCase(storage, 7, 48, 2048, true),
    linearCase(storage, 1, 12, 5632, false),
    linearCase(storage, 2, 8, 11008, false),
    linearCase(storage, 67, 130, 64, true),
  ]),
  ...STORAGES.flatMap(storage => [embedCase(storage, 64, 1), embedCase(storage, 37, 8), embedCase(storage, 1, 0.5)]),
  normCase(1, 256, 0),
  normCase(7, 100, 1),
  normCase(3, 37, 0),
  normCase(2, 2048, 1),
  normCase(1, 3, 0),
  ...(['silu', 'gelu-tanh'] as const).flatMap(activation => [
    activationCase(activation, 1, 704),
    activationCase(activation, 3, 37),
    activationCase(activation, 9, 5632),
  ]),
  gatherCase(64),
  gatherCase(33),
  ropeCase({ heads: 8, kvHeads: 4, headDim: 32 }, 'f32', false),
  ropeCase({ heads: 4, kvHeads: 4, headDim: 16 }, 'f32', true),
  ropeCase({ heads: 5, kvHeads: 1, headDim: 80 }, 'f32', true),
  ropeCase({ heads: 3, kvHeads: 3, headDim: 8 }, 'bf16', false),
  ropeCase({ heads: 8, kvHeads: 2, headDim: 128 }, 'bf16', true),
  ...[16, 32, 64, 80, 128].map(headDim => {
    const boundaries = [0, 14, 15, 16, 31].map(cached => ({ cached, queries: 1 }))
    return attentionCase({ heads: 4, kvHeads: 2, headDim }, boundaries)
  }),
  ...[1, 2, 4, 8].map(group => {
    return attentionCase({ heads: 8, kvHeads: 8 / group, headDim: 32 }, [
      { cached: 0, queries: 37 },
      { cached: 20, queries: 3 },
    ])
  }),
  attentionCase({ heads: 7, kvHeads: 1, headDim: 40 }, [{ cached: 5, queries: 19 }]),
  attentionCase({ heads: 2, kvHeads: 2, headDim: 8 }, [{ cached: 0, queries: 1 }]),
  attentionCase({ heads: 8, kvHeads: 2, headDim: 64 }, [{ cached: 2999, queries: 2 }]),
  ...[1, 5, 16, 17, 100].map(window => {
    return attentionCase(
      { heads: 4, kvHeads: 2, headDim: 32 },
      [
        { cached: 61, queries: 9 },
        { cached: 0, queries: 40 },
      ],
      window,
    )
  }),
  attentionCase({ heads: 8, kvHeads: 4, headDim: 32 }, [{ cached: 100, queries: 5 }], undefined, 'bf16'),
  attentionCase({ heads: 6, kvHeads: 2, headDim: 80 }, [{ cached: 30, queries: 33 }], 20, 'bf16'),
]
