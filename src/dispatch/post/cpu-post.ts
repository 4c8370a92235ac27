import { lcg } from './lcg.ts'
import type { PostKernel } from './post-kernel.ts'

/** Tokens in one turn of the event loop: at 5000 rounds each, about 5 ms. */
const ROUNDS_A_TURN = 5_000_000

/** The kernel's twin on this thread, a piece a turn so that heartbeats go on. */
export class CpuPost implements PostKernel {
  readonly device = 'cpu'
  readonly #rounds: number
  /** Of the last answer, for tests. */
  out: Uint32Array = new Uint32Array(0)

  constructor(rounds: number) {
    this.#rounds = rounds
  }

  async run(tokens: Uint32Array): Promise<number> {
    const out = new Uint32Array(tokens.length)
    const piece = Math.max(1, Math.floor(ROUNDS_A_TURN / Math.max(1, this.#rounds)))
    let ms = 0
    for (let from = 0; from < tokens.length; from += piece) {
      if (from > 0) await new Promise(resolve => setImmediate(resolve))
      const began = performance.now()
      for (let i = from; i < Math.min(from + piece, tokens.length); i++) out[i] = lcg(tokens[i]!, this.#rounds)
      ms += performance.now() - began
    }
    this.out = out
    return ms
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
