import { type KvStorage, type ModelConfig, stepWork, type WeightStorage } from '../../native/index.ts'
import type { Sample } from './measure.ts'
import type { EngineWork } from './work.ts'

/** What the card gives at best, in the units of {@link Figures}. */
export interface Most {
  readonly gigabytesPerSecond: number
  readonly teraflops: number
}

/** What repetitions of a work come to. */
export interface Figures {
  /** Of all sequences together: the mean, its standard deviation over the repetitions, and each of them. */
  readonly tokensPerSecond: { readonly mean: number; readonly deviation: number; readonly samples: readonly number[] }
  readonly steps: number
  readonly msPerStep: number
  /** Of prompts: from their submission to the first token of the last. */
  readonly firstTokenMs: number | null
  /** Of the host's own time, not counting its waiting for the device; null where the host is the device. */
  readonly hostMicrosecondsPerStep: number | null
  /** Weights, keys and values that the steps must read. */
  readonly gigabytesPerSecond: number
  readonly teraflops: number
  /** What bounds the work on such a card, and the least time by it as a share of the time it took. */
  readonly bound: 'memory' | 'compute' | null
  readonly ofCeiling: number | null
}

export interface ModelFigures {
  readonly config: ModelConfig
  readonly storage: WeightStorage
  readonly kvType: KvStorage
}

export function figuresOf(
  model: ModelFigures,
  work: EngineWork,
  samples: readonly Sample[],
  most: Most | undefined,
): Figures {
  const rates = samples.map(({ tokens, seconds }) => tokens / seconds)
  const total = samples.reduce((sum, sample) => ({
    seconds: sum.seconds + sample.seconds,
    tokens: sum.tokens + sample.tokens,
    steps: sum.steps + sample.steps,
    hostMs: sum.hostMs + sample.hostMs,
  }))
  const { seconds, steps } = total
  const { bytes, flops } = workOf(model, work, total)
  const [memory, compute] = most
    ? [bytes / (most.gigabytesPerSecond * 1e9), flops / (most.teraflops * 1e12)]
    : [undefined, undefined]
  return {
    tokensPerSecond: { mean: mean(rates), deviation: deviation(rates), samples: rates },
    steps: steps / samples.length,
    msPerStep: (seconds * 1000) / steps,
    firstTokenMs: work.kind === 'prompt' ? (seconds * 1000) / samples.length : null,
    hostMicrosecondsPerStep: (total.hostMs * 1000) / steps,
    gigabytesPerSecond: bytes / seconds / 1e9,
    teraflops: flops / seconds / 1e12,
    bound: memory === undefined ? null : memory >= compute ? 'memory' : 'compute',
    ofCeiling: memory === undefined ? null : Math.max(memory, compute) / seconds,
  }
}

/** Of all repetitions together. */
function workOf(model: ModelFigures, { kind, depth, tokens, batch }: EngineWork, total: Sample) {
  if (kind === 'prompt') {
    const repetitions = total.tokens / (batch * tokens)
    const whole = stepWork({ ...model, sequences: batch, tokens, behind: depth })
    // Every step reads all weights; what earlier chunks have cached is counted once.
    return {
      bytes: whole.weightBytes * total.steps + whole.kvBytes * repetitions,
      flops: whole.flops * repetitions,
    }
  }
  // The mean step: keys and values grow evenly.
  const behind = Math.max(1, depth) + (tokens - 1) / 2
  const sequences = total.tokens / total.steps
  const step = stepWork({ ...model, sequences, tokens: 1, behind })
  return { bytes: step.bytes * total.steps, flops: step.flops * total.steps }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of a sample: 0 where there is one value. */
function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}
