import { Inputs } from '../case-inputs.ts'
import { type DeviceCase, FLOAT } from '../device-case.ts'
import { SAMPLING_ROWS, samplingRows } from '../sampling-rows.ts'

/** A row's logits, of what is nearly normal. */
const LOGITS = {
  usual: (value: number) => value,
  'many equal': (value: number) => Math.round(value),
  'all equal': () => 1.5,
  'few above −∞': (value: number, i: number) => (i % 1000 === 0 ? value : Number.NEGATIVE_INFINITY),
  'NaN among them': (value: number, i: number) => (i % 3 === 1 ? Number.NaN : value),
  'nothing but NaN': () => Number.NaN,
} as const satisfies Readonly<Record<string, (value: number, i: number) => number>>

/** Every kind of row over `vocab` tokens: ids by their bits, so that the least difference is no rounding; log-probabilities. */
function samplingCase(vocab: number, kind: keyof typeof LOGITS): DeviceCase {
  return {
    name: `sample from ${vocab} logits, ${kind}`,
    tolerance: FLOAT,
    async run(device, seed) {
      const inputs = new Inputs(device, seed)
      const rows = samplingRows(SAMPLING_ROWS)
      const logits = device.allocate([rows.length, vocab], 'f32', 'activations')
      device.upload(logits, inputs.normal(rows.length * vocab, 2).map(LOGITS[kind]))
      const sampled = await device.sample(logits, rows)
      const ids = sampled.flatMap(({ id, top }) => [id, ...top.map(([topId]) => topId)])
      const logprobs = sampled.flatMap(({ logprob, top }) => [logprob, ...top.map(([, each]) => each)])
      return [Float32Array.from(ids.flatMap(bitsOf)), Float32Array.from(logprobs, each => Math.max(each, LEAST))]
    },
  }
}

/** In place of −∞, of which there is no error. */
const LEAST = -1000

function bitsOf(id: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => (id >>> bit) & 1)
}

export const SAMPLING_CASES: readonly DeviceCase[] = [
  ...[1, 77, 1000, 4097, 32_000, 131_072].map(vocab => samplingCase(vocab, 'usual')),
  samplingCase(5001, 'many equal'),
  samplingCase(4096, 'all equal'),
  samplingCase(5001, 'few above −∞'),
  samplingCase(5001, 'NaN among them'),
  samplingCase(5001, 'nothing but NaN'),
]
