import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCudaDevice } from '../../../src/native/device/cuda/index.ts'
import { type ActivationType, BLOCK_SIZE, type WeightStorage } from '../../../src/native/device/device.ts'
import type { ModelConfig } from '../../../src/native/model/config.ts'
import { randomModel } from '../../../src/native/model/load-model.ts'
import { OneSequence } from './one-sequence.ts'

/** What another program computed from the same prompt and weights, in float32. */
export interface ReferenceCase {
  readonly prompt: readonly number[]
  /** Of the prompt's last positions: `[rows, vocab]`. */
  readonly logits: Float32Array
  readonly rows: number
  /** The likeliest token, again and again. */
  readonly greedy: readonly number[]
  /** The five likeliest at each of them. */
  readonly top: readonly (readonly number[])[]
  /** How far the other program's own logits are from these where it computes in bf16: of the worst position. */
  readonly bf16Error: number
}

export interface Comparison {
  readonly activations: ActivationType
  readonly weights: WeightStorage
  /** Tokens. */
  readonly prompt: number
  /** ‖ours − theirs‖ / ‖theirs‖ of the worst position: as steps are served, and operation by operation. */
  readonly error: number
  readonly errorByOperations: number
  /** What it may be; null where nothing is asked. */
  readonly most: number | null
  /** The other program's own error in bf16. */
  readonly theirs: number
  /** Share of positions whose likeliest token is the same. */
  readonly sameLikeliest: number
  /** Greedy tokens before the two part; all of them, if they do not. */
  readonly sameGreedy: number
  /** vLLM's rule: where they part, each one's token is among the other's five likeliest. */
  readonly greedyClose: boolean
  readonly passed: boolean
}

interface Variant {
  readonly activations: ActivationType
  readonly weights: WeightStorage
  /** `bf16`: no more than {@link LEEWAY} times what the other program's own error is in bf16. */
  readonly most: number | 'bf16' | null
}

/** Between two ways of rounding the same sums. */
const LEEWAY = 1.1

const VARIANTS: readonly Variant[] = [
  { activations: 'f32', weights: 'bf16', most: 1e-4 },
  { activations: 'bf16', weights: 'bf16', most: 'bf16' },
  { activations: 'bf16', weights: 'int8', most: null },
  { activations: 'bf16', weights: 'fp8', most: null },
]

/** That of the reference's weights. */
const SEED = 1

/** What `hf.py reference` wrote. */
export function readReference(folder: string, vocab: number): readonly ReferenceCase[] {
  const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Omit<ReferenceCase, 'logits'>[]
  return cases.map(each => {
    const bytes = readFileSync(join(folder, `logits-${each.prompt.length}.f32`))
    const logits = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    if (logits.length !== each.rows * vocab) throw new Error(`${logits.length} logits in ${each.rows} rows of ${vocab}`)
    return { ...each, logits }
  })
}

/** Runs every variant over every case, and prints a table as it goes. */
export async function compareLogits(
  config: ModelConfig,
  cases: readonly ReferenceCase[],
  variants: readonly Variant[] = VARIANTS,
): Promise<readonly Comparison[]> {
  console.log(
    'activations weights  prompt      error  (by operations)  theirs in bf16   likeliest  greedy  in the five likeliest',
  )
  const all: Comparison[] = []
  for (const variant of variants) {
    const tokens = Math.max(...cases.map(({ prompt }) => prompt.length))
    const positions = Math.max(...cases.map(({ prompt, greedy }) => prompt.length + greedy.length))
    const rows = Math.max(...cases.map(each => each.rows))
    await using device = await createCudaDevice({ activationType: variant.activations })
    const blocks = Math.ceil(positions / BLOCK_SIZE)
    const sizes = { blocks, contextLength: positions, maxTokens: tokens, maxLogitRows: rows }
    const options = { ...sizes, storage: variant.weights, kvType: variant.activations }
    const model = await randomModel(config, device, options, SEED)
    await model.prepare(1)
    device.seal()
    const sequence = new OneSequence(model, device)
    for (const each of cases) {
      const comparison = await compareCase(variant, each, sequence)
      console.log(lineOf(comparison))
      all.push(comparison)
    }
  }
  return all
}

async function compareCase(
  { activations, weights, most: asked }: Variant,
  { prompt, logits, rows, greedy, top, bf16Error }: ReferenceCase,
  sequence: OneSequence,
): Promise<Comparison> {
  const most = asked === 'bf16' ? LEEWAY * bf16Error : asked
  const byOperations = sequence.logits(prompt, rows)
  const served = await sequence.prefill(prompt, rows)
  const drawn = [served.last, ...(await sequence.greedy(served.last.id, greedy.length - 1))]

  const error = worst(served.logits, logits, rows)
  const errorByOperations = worst(byOperations, logits, rows)
  const parted = greedy.findIndex((id, i) => drawn[i]!.id !== id)
  const greedyClose =
    parted < 0 || (top[parted]!.includes(drawn[parted]!.id) && drawn[parted]!.top.some(([id]) => id === greedy[parted]))
  const within = most === null || (error <= most && errorByOperations <= most && greedyClose)
  return {
    activations,
    weights,
    prompt: prompt.length,
    error,
    errorByOperations,
    most,
    theirs: bf16Error,
    sameLikeliest: sameLikeliest(served.logits, logits, rows),
    sameGreedy: parted < 0 ? greedy.length : parted,
    greedyClose,
    passed: within,
  }
}

/** Infinite where a value is not a number. */
function worst(found: Float32Array, expected: Float32Array, rows: number): number {
  const vocab = expected.length / rows
  let largest = 0
  for (let row = 0; row < rows; row++) {
    let [apart, whole] = [0, 0]
    for (let at = row * vocab; at < (row + 1) * vocab; at++) {
      apart += (found[at]! - expected[at]!) ** 2
      whole += expected[at]! ** 2
    }
    const error = Math.sqrt(apart / whole)
    largest = Math.max(largest, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)
  }
  return largest
}

function sameLikeliest(found: Float32Array, expected: Float32Array, rows: number): number {
  const vocab = expected.length / rows
  let same = 0
  for (let row = 0; row < rows; row++) {
    if (likeliest(found, row * vocab, vocab) === likeliest(expected, row * vocab, vocab)) same++
  }
  return same / rows
}

function likeliest(logits: Float32Array, from: number, vocab: number): number {
  let best = 0
  for (let i = 1; i < vocab; i++) if (logits[from + i]! > logits[from + best]!) best = i
  return best
}

function lineOf(comparison: Comparison): string {
  const { activations, weights, prompt, error, errorByOperations, theirs, sameLikeliest, sameGreedy } = comparison
  return [
    activations.padEnd(11),
    weights.padEnd(8),
    String(prompt).padStart(6),
    error.toExponential(2).padStart(10),
    `(${errorByOperations.toExponential(2)})`.padStart(16),
    theirs.toExponential(2).padStart(16),
    `${(100 * sameLikeliest).toFixed(1)} %`.padStart(12),
    String(sameGreedy).padStart(7),
    comparison.greedyClose ? ' yes' : ' NO',
    comparison.passed ? '' : '  TOO FAR',
  ].join(' ')
}
