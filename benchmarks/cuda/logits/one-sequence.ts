import { BLOCK_SIZE, type Device, type StepInputs } from '../../../src/native/device/device.ts'
import type { Model } from '../../../src/native/model/model.ts'
import type { RowSampling, SampledRow } from '../../../src/native/sampling/row.ts'

/** One sequence through a model, in blocks 0, 1, 2, …, with the logits of its last positions in sight. */
export class OneSequence {
  #length = 0

  constructor(
    private readonly model: Model,
    private readonly device: Device,
  ) {}

  /** Logits of the last `rows` positions of a new sequence `[rows, vocab]`, each operation launched by itself. */
  logits(prompt: readonly number[], rows: number): Float32Array {
    this.#length = 0
    const logits = this.model.forward(this.#step(prompt, rows))
    return this.device.download(logits, rows * this.model.config.vocabSize)
  }

  /** The same as it is served: operations joined, and tokens drawn. */
  async prefill(prompt: readonly number[], rows: number): Promise<{ logits: Float32Array; last: SampledRow }> {
    // Logits lie where every step leaves them.
    this.#length = 0
    const place = this.model.forward(this.#step([0], 1))
    this.#length = 0
    const drawing = Array.from({ length: rows }, (_, i) => greedyRow(prompt.length - rows + i + 1))
    const drawn = await this.model.run(this.#step(prompt, rows), drawing).take()
    return { logits: this.device.download(place, rows * this.model.config.vocabSize), last: drawn[rows - 1]! }
  }

  /** The likeliest `count` tokens, one a step, after the sequence and `last`. */
  async greedy(last: number, count: number): Promise<readonly SampledRow[]> {
    const drawn: SampledRow[] = []
    for (let i = 0, token = last; i < count; i++) {
      const [row] = await this.model.run(this.#step([token], 1), [greedyRow(this.#length)]).take()
      drawn.push(row!)
      token = row!.id
    }
    return drawn
  }

  #step(tokens: readonly number[], rows: number): StepInputs {
    const count = tokens.length
    const positions = Int32Array.from({ length: count }, (_, i) => this.#length + i)
    this.#length += count
    const maxBlocks = Math.ceil(this.#length / BLOCK_SIZE)
    return {
      tokens: Int32Array.from(tokens),
      positions,
      slots: positions,
      queryStarts: Int32Array.of(0, count),
      contextLengths: Int32Array.of(this.#length),
      blockTables: Int32Array.from({ length: maxBlocks }, (_, i) => i),
      maxBlocks,
      logitRows: Int32Array.from({ length: rows }, (_, i) => count - rows + i),
    }
  }
}

function greedyRow(position: number): RowSampling {
  return {
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    bias: [],
    banned: [],
    key: 0n,
    position,
    seen: new Set(),
    counts: new Map(),
    topLogprobs: 5,
  }
}
