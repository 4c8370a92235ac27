import { BLOCK_SIZE, type Device, type StepInputs } from '../../device/device.ts'
import type { Model } from '../model.ts'

/**
 * One sequence at a time through a model, its positions in blocks 0, 1, 2, … in order: what a scheduler does, without
 * one.
 */
export class Driver {
  #length = 0

  constructor(
    private readonly model: Model,
    private readonly device: Device,
  ) {}

  /** Appends `tokens` in steps of at most `chunk`; the logits of each, `[tokens.length, vocab]`. */
  logits(tokens: Int32Array, chunk = tokens.length): Float32Array {
    const { vocabSize } = this.model.config
    const logits = new Float32Array(tokens.length * vocabSize)
    for (let at = 0; at < tokens.length; at += chunk) {
      const piece = tokens.subarray(at, at + chunk)
      const out = this.model.forward(this.#step(piece))
      logits.set(this.device.download(out, piece.length * vocabSize), at * vocabSize)
    }
    return logits
  }

  /** The likeliest `count` tokens, one after another, after the sequence and `last`. */
  greedy(last: number, count: number): Int32Array {
    const tokens = new Int32Array(count)
    for (let i = 0, token = last; i < count; i++) {
      token = argmax(this.logits(Int32Array.of(token)))
      tokens[i] = token
    }
    return tokens
  }

  /** Begins another sequence, over the old one's memory. */
  reset(): void {
    this.#length = 0
  }

  #step(tokens: Int32Array): StepInputs {
    const count = tokens.length
    const positions = Int32Array.from({ length: count }, (_, i) => this.#length + i)
    this.#length += count
    const maxBlocks = Math.ceil(this.#length / BLOCK_SIZE)
    return {
      tokens,
      positions,
      slots: positions,
      queryStarts: Int32Array.of(0, count),
      contextLengths: Int32Array.of(this.#length),
      blockTables: Int32Array.from({ length: maxBlocks }, (_, i) => i),
      maxBlocks,
      logitRows: Int32Array.from({ length: count }, (_, i) => i),
    }
  }
}

export function argmax(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}
