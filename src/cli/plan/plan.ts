import {
  advise,
  countParameters,
  type MemoryPlan,
  type MemoryRequest,
  memoryPlan,
  planWeights,
  type Roofline,
  roofline,
} from '../../native/index.ts'
import type { Config } from '../config.ts'
import { type Budget, budgetOf, type PlannedGpus, type PlanRequest, worldSizeOf } from './request.ts'

/** All that `--json` prints. */
export interface Plan {
  readonly model: string
  readonly parameters: number
  readonly layers: number
  readonly weights: string
  readonly kvType: string
  readonly context: number
  readonly batch: number
  readonly gpus: {
    readonly count: number
    readonly name: string
    readonly memoryBytes: number
    readonly tensorParallel: number
    /** Compute capability, where it is known. */
    readonly capability: string | undefined
  }
  /** Of one GPU. */
  readonly memory: MemoryPlan
  /** Undefined where nothing is known of the GPU's speed. */
  readonly expected: Expected | undefined
  readonly advice: readonly {
    readonly change: string
    readonly option: string
    readonly fits: boolean
    readonly holdsAll: boolean
    readonly missingBytes: number
    readonly largestBatch: number
    readonly largestContext: number
  }[]
}

export interface Expected {
  /** With so many tokens behind each sequence. */
  readonly decode: readonly ({ readonly context: number } & Roofline['decode'])[]
  readonly firstToken: readonly ({ readonly prompt: number } & Roofline['firstToken'])[]
}

const PROMPTS = [128, 512, 2048, 8192] as const
const SHORT = 256

export function planFor(request: PlanRequest, gpus: PlannedGpus, options: Pick<Config, 'gpuMemory' | 'tp'>): Plan {
  const worldSize = worldSizeOf(request, gpus, options.tp)
  const asked = memoryRequest(request, budgetOf(options, gpus.memoryBytes), worldSize)
  return {
    model: request.name,
    parameters: countParameters(planWeights(request.config)),
    layers: request.config.layers.length,
    weights: request.storage,
    kvType: request.kvType,
    context: request.contextLength,
    batch: request.batch,
    gpus: {
      count: gpus.count,
      name: gpus.name,
      memoryBytes: gpus.memoryBytes,
      tensorParallel: worldSize,
      capability: gpus.card?.capability,
    },
    memory: memoryPlan(asked),
    expected: gpus.card && expect(request, gpus.card, worldSize),
    advice: advise(asked).map(({ change, option, plan }) => ({
      change,
      option,
      fits: plan.fits,
      holdsAll: plan.holdsAll,
      missingBytes: plan.missingBytes,
      largestBatch: plan.largestBatch,
      largestContext: plan.largestContext,
    })),
  }
}

export function memoryRequest(request: PlanRequest, budget: Budget, worldSize: number): MemoryRequest {
  return {
    config: request.config,
    storage: request.storage,
    activationType: request.storage === 'f32' ? 'f32' : request.storage === 'f16' ? 'f16' : 'bf16',
    kvType: request.kvType,
    maxTokens: Math.max(request.maxTokens, request.batch),
    maxSequences: request.batch,
    contextLength: request.contextLength,
    ...budget,
    worldSize,
  }
}

function expect(request: PlanRequest, card: NonNullable<PlannedGpus['card']>, worldSize: number): Expected {
  const { config, storage, kvType, batch, contextLength } = request
  const at = (context: number, promptLength: number) =>
    roofline({ config, storage, kvType, card, batch, context, promptLength, worldSize })
  const contexts = contextLength > SHORT ? [SHORT, contextLength] : [contextLength]
  const prompts = PROMPTS.filter(prompt => prompt <= contextLength)
  return {
    decode: contexts.map(context => ({ context, ...at(context, 1).decode })),
    firstToken: prompts.map(prompt => ({ prompt, ...at(1, prompt).firstToken })),
  }
}
