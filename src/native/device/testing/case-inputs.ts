import { BLOCK_SIZE, type Device, type ElementType, type KvLayer, type StepInputs, type Tensor } from '../device.ts'

/** Inputs that only the seed decides. */
export class Inputs {
  #state: number

  constructor(
    readonly device: Device,
    seed: number,
  ) {
    this.#state = seed >>> 0
  }

  /** In [0, 1) (mulberry32). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(bound: number): number {
    return Math.floor(this.uniform() * bound)
  }

  /** Nearly normal (Irwin–Hall), so that a row has a few values well above the others. */
  normal(count: number, deviation = 1): Float32Array {
    return Float32Array.from({ length: count }, () => {
      let sum = -6
      for (let i = 0; i < 12; i++) sum += this.uniform()
      return sum * deviation
    })
  }

  shuffled(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i)
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const swapped = order[i]!
      order[i] = order[j]!
      order[j] = swapped
    }
    return order
  }

  /** A tensor of random values, and a row of NaN behind them that must stay untouched. */
  filled(shape: readonly [number, number], deviation = 1, type: ElementType = this.device.activationType): Tensor {
    const [rows, columns] = shape
    const tensor = this.poisoned(shape, type)
    this.device.upload(tensor, this.normal(rows * columns, deviation))
    return tensor
  }

  vector(width: number, deviation = 1): Tensor {
    const tensor = this.device.allocate([width], 'f32', 'weights')
    this.device.upload(tensor, this.normal(width, deviation))
    return tensor
  }

  /** What an operation is to fill: NaN, and one row more than it may touch. */
  poisoned(shape: readonly [number, number], type: ElementType = this.device.activationType): Tensor {
    const [rows, columns] = shape
    const tensor = this.device.allocate([rows + 1, columns], type, 'activations')
    this.device.upload(tensor, new Float32Array((rows + 1) * columns).fill(Number.NaN))
    return tensor
  }

  /** A cache of NaN. */
  cache(blocks: number, kvHeads: number, headDim: number, type: ElementType): KvLayer {
    const shape = [blocks, BLOCK_SIZE, kvHeads, headDim]
    const poison = new Float32Array(blocks * BLOCK_SIZE * kvHeads * headDim).fill(Number.NaN)
    const [k, v] = [this.device.allocate(shape, type, 'kv-cache'), this.device.allocate(shape, type, 'kv-cache')]
    this.device.upload(k, poison)
    this.device.upload(v, poison)
    return { k, v }
  }
}

export interface CaseSequence {
  /** Positions cached before this step. */
  readonly cached: number
  /** Tokens of this step. */
  readonly queries: number
}

/** A step over sequences whose blocks lie anywhere; `blocks` is how many there are at least. */
export function stepOf(inputs: Inputs, sequences: readonly CaseSequence[], vocab = 1): StepInputs & { blocks: number } {
  const lengths = sequences.map(({ cached, queries }) => cached + queries)
  const counts = lengths.map(length => Math.ceil(length / BLOCK_SIZE))
  const maxBlocks = Math.max(...counts) + 1
  const blocks = counts.reduce((sum, count) => sum + count, 0) + 2
  const free = inputs.shuffled(blocks)
  const blockTables = new Int32Array(sequences.length * maxBlocks)
  const [tokens, positions, slots]: number[][] = [[], [], []]
  const queryStarts = [0]
  for (const [s, { cached, queries }] of sequences.entries()) {
    for (let i = 0; i < counts[s]!; i++) blockTables[s * maxBlocks + i] = free.pop()!
    for (let position = cached; position < cached + queries; position++) {
      const block = blockTables[s * maxBlocks + Math.floor(position / BLOCK_SIZE)]!
      tokens!.push(inputs.below(vocab))
      positions!.push(position)
      slots!.push(block * BLOCK_SIZE + (position % BLOCK_SIZE))
    }
    queryStarts.push(tokens!.length)
  }
  return {
    tokens: Int32Array.from(tokens!),
    positions: Int32Array.from(positions!),
    slots: Int32Array.from(slots!),
    queryStarts: Int32Array.from(queryStarts),
    contextLengths: Int32Array.from(lengths),
    blockTables,
    maxBlocks,
    logitRows: Int32Array.from(queryStarts.slice(1), end => end - 1),
    blocks,
  }
}

/** Random keys and values at every position up to each sequence's last; NaN stays everywhere else. */
export function fillCache(inputs: Inputs, kv: KvLayer, step: StepInputs, rowWidth: number): void {
  for (let s = 0; s < step.contextLengths.length; s++) {
    for (let position = 0; position < step.contextLengths[s]!; position++) {
      const block = step.blockTables[s * step.maxBlocks + Math.floor(position / BLOCK_SIZE)]!
      const at = (block * BLOCK_SIZE + (position % BLOCK_SIZE)) * rowWidth
      inputs.device.upload(kv.k, inputs.normal(rowWidth), at)
      inputs.device.upload(kv.v, inputs.normal(rowWidth), at)
    }
  }
}
