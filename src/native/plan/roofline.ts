import type { WeightStorage } from '../device/device.ts'
import type { ModelConfig } from '../model/config.ts'
import type { Card } from './cards.ts'
import type { KvStorage } from './model-bytes.ts'
import { type StepWork, stepWork } from './step-work.ts'

/**
 * What share of a data sheet's figures a good engine reaches over a whole step. Measured on an H200: all matrices of a 7B
 * read at 87 % of the sheet's bandwidth, cuBLASLt at 79 % of its bf16 rate; attention, norms and gaps take the rest.
 */
const EFFICIENCY = { bandwidth: 0.8, compute: 0.6, link: 0.6 } as const

/** Seconds that one small all-reduce takes whatever its size, inside a recorded step. NVLink: measured, 4 H200. */
const ALL_REDUCE_LATENCY = { NVLink: 10e-6, PCIe: 30e-6 } as const

/** Seconds of a layer with next to nothing in it: five launches, each of which waits for the one before. */
const LAYER_LATENCY = 10e-6

/** After attention and after the MLP. */
const ALL_REDUCES_PER_LAYER = 2

export interface RooflineRequest {
  readonly config: ModelConfig
  readonly storage: WeightStorage
  readonly kvType: KvStorage
  readonly card: Card
  /** Sequences that decode at once. */
  readonly batch: number
  /** Tokens that each of them has behind it. */
  readonly context: number
  readonly promptLength: number
  readonly worldSize?: number
}

export type Bound = 'memory' | 'compute' | 'communication' | 'latency'

/**
 * Seconds of a step: the slowest of memory, compute and latency, which overlap, and communication, which does not.
 */
export interface StepTime {
  readonly seconds: number
  readonly memorySeconds: number
  readonly computeSeconds: number
  readonly communicationSeconds: number
  /** What a layer's launches take one after another, were there nothing in them. */
  readonly latencySeconds: number
  /** What most of it is. */
  readonly bound: Bound
}

export interface Roofline {
  readonly decode: StepTime & {
    /** Of all sequences together. */
    readonly tokensPerSecond: number
    /** Bytes that one card reads a step. */
    readonly weightBytes: number
    readonly kvBytes: number
  }
  /** A prompt alone, from its first token to the first one drawn. */
  readonly firstToken: StepTime
}

/** What to expect of a card by its data sheet: Williams et al. 2009, "Roofline", with {@link EFFICIENCY}. */
export function roofline(request: RooflineRequest): Roofline {
  const { batch, context, promptLength } = request
  const decode = stepWork({ ...request, sequences: batch, tokens: 1, behind: context - 1 })
  const prompt = stepWork({ ...request, sequences: 1, tokens: promptLength, behind: 0 })
  const time = stepTime(request, batch, decode)
  const { weightBytes, kvBytes } = decode
  return {
    decode: { ...time, tokensPerSecond: batch / time.seconds, weightBytes, kvBytes },
    firstToken: stepTime(request, promptLength, prompt),
  }
}

function stepTime(request: RooflineRequest, tokens: number, { bytes, flops }: StepWork): StepTime {
  const { card } = request
  const memorySeconds = bytes / (card.bandwidth * EFFICIENCY.bandwidth)
  // Quantised weights are multiplied as bf16: activations are not quantised.
  const computeSeconds = flops / (card.halfFlops * EFFICIENCY.compute)
  const communicationSeconds = allReduceSeconds(request, tokens)
  const latencySeconds = request.config.layers.length * LAYER_LATENCY
  const local = Math.max(memorySeconds, computeSeconds, latencySeconds)
  const seconds = local + communicationSeconds
  const bound = boundOf({ memorySeconds, computeSeconds, communicationSeconds, latencySeconds })
  return { seconds, memorySeconds, computeSeconds, communicationSeconds, latencySeconds, bound }
}

function boundOf(times: Omit<StepTime, 'seconds' | 'bound'>): Bound {
  const named = [
    ['memory', times.memorySeconds],
    ['compute', times.computeSeconds],
    ['communication', times.communicationSeconds],
    ['latency', times.latencySeconds],
  ] as const
  return named.reduce((most, each) => (each[1] > most[1] ? each : most))[0]
}

/** A ring passes 2·(n − 1)/n of the values, bf16 `[tokens, hidden]`, through each link, one direction. */
function allReduceSeconds({ config, card, worldSize = 1 }: RooflineRequest, tokens: number): number {
  if (worldSize === 1) return 0
  const bytes = tokens * config.hiddenSize * 2
  const transfer = (2 * (worldSize - 1) * bytes) / worldSize / ((card.link.bandwidth / 2) * EFFICIENCY.link)
  return config.layers.length * ALL_REDUCES_PER_LAYER * (ALL_REDUCE_LATENCY[card.link.kind] + transfer)
}
