import { Histogram, type HistogramSnapshot, logBounds } from '../statistics/index.ts'

/** What a {@link StepMeter} knows, as part of the engine's statistics. */
export interface StepHistograms {
  /** Duration of each step where the engine runs, in ms. */
  readonly stepMs: HistogramSnapshot
  /** Of each step, the engine's own time: what was not spent waiting for the device, in ms. Empty where nobody measures it. */
  readonly hostMs: HistogramSnapshot
  /** Tokens processed in each step, prompt and output together. */
  readonly stepTokens: HistogramSnapshot
}

/** 10 µs, a GPU’s quickest graph, to 10 s, a long prompt on one core; narrow, so that a p99 can be compared. */
const MS_BOUNDS = logBounds(0.01, 10_000, 20)
/** 1 µs to 1 s. */
const HOST_MS_BOUNDS = logBounds(0.001, 1000, 10)
/** 1, 2, 4, … 65 536. */
const TOKEN_BOUNDS = Array.from({ length: 17 }, (_, i) => 2 ** i)

/** Counts an engine's steps by how long they take and how much they do; the same buckets for every engine. */
export class StepMeter {
  readonly #ms = new Histogram(MS_BOUNDS)
  readonly #hostMs = new Histogram(HOST_MS_BOUNDS)
  readonly #tokens = new Histogram(TOKEN_BOUNDS)

  record(ms: number, tokens: number, hostMs?: number): void {
    this.#ms.record(ms)
    if (hostMs !== undefined) this.#hostMs.record(hostMs)
    this.#tokens.record(tokens)
  }

  snapshot(): StepHistograms {
    return { stepMs: this.#ms.snapshot(), hostMs: this.#hostMs.snapshot(), stepTokens: this.#tokens.snapshot() }
  }
}
