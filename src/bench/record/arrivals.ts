import { Growing } from './growing.ts'

/** When text arrived for one request, in ms of the run, and how many tokens each time. */
export class Arrivals {
  readonly timesMs = new Growing(length => new Float64Array(length), 64)
  readonly tokens = new Growing(length => new Uint32Array(length), 64)

  push(timeMs: number, tokens: number): void {
    this.timesMs.push(timeMs)
    this.tokens.push(tokens)
  }

  clear(): void {
    this.timesMs.clear()
    this.tokens.clear()
  }
}
