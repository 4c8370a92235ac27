import {
  type Card,
  DRIVER_BYTES,
  isShapeName,
  type KvStorage,
  type MemoryRequest,
  type ModelConfig,
  modelShape,
  parseGpus,
  readModelConfig,
  shapeNames,
} from '../../native/index.ts'
import { modelDirectory } from '../../targets.ts'
import type { Config } from '../config.ts'
import { UsageError } from '../exit.ts'

/** What is asked for, whatever it is to run on. */
export interface PlanRequest {
  /** As it was asked for. */
  readonly name: string
  readonly config: ModelConfig
  readonly storage: MemoryRequest['storage']
  readonly kvType: KvStorage
  readonly contextLength: number
  readonly batch: number
  readonly maxTokens: number
}

export interface PlannedGpus {
  readonly count: number
  readonly name: string
  /** Of each. */
  readonly memoryBytes: number
  /** Undefined where nothing is known of its speed. */
  readonly card: Card | undefined
}

const DEFAULT_CONTEXT = 8192
const DEFAULT_TOKEN_BUDGET = 2048

export function readRequest(config: Config): PlanRequest {
  const name = config.target ?? 'ember'
  const model = readModel(name)
  const contextLength = config.context ?? Math.min(DEFAULT_CONTEXT, model.contextLength)
  if (contextLength > model.contextLength) {
    throw new UsageError(`--context: ${name} was made for ${model.contextLength} tokens, not ${contextLength}`)
  }
  const { weights = 'auto', kvType = 'auto' } = config
  return {
    name,
    config: model,
    storage: config.quantize ?? (weights === 'auto' ? 'bf16' : weights),
    kvType: kvType === 'auto' ? 'bf16' : kvType,
    contextLength,
    batch: config.batch ?? 1,
    maxTokens: config.tokenBudget ?? DEFAULT_TOKEN_BUDGET,
  }
}

/** Those that are named, or else those that are here. */
export function chosenGpus(config: Config, here: () => PlannedGpus | undefined): PlannedGpus | undefined {
  if (config.gpus === undefined) return here()
  const { count, card } = parseGpus(config.gpus)
  return { count, name: card.name, memoryBytes: card.memoryBytes, card }
}

/** How many GPUs share the model. */
export function worldSizeOf({ config }: PlanRequest, { count }: PlannedGpus, tp: number | undefined): number {
  const worldSize = tp ?? count
  if (worldSize > count) throw new UsageError(`--tp: there are ${count} GPUs to split the model over, not ${worldSize}`)
  if (config.heads.heads % worldSize === 0) return worldSize
  throw new UsageError(`--tp: ${config.heads.heads} attention heads cannot be split over ${worldSize} GPUs`)
}

export type Budget = Pick<MemoryRequest, 'budgetBytes' | 'driverBytes'>

/** What may be taken of a GPU: a share of it with all that is in use, or so many bytes beside what the driver takes. */
export function budgetOf({ gpuMemory = 0.9 }: Pick<Config, 'gpuMemory'>, memoryBytes: number): Budget {
  if (gpuMemory <= 1) return { budgetBytes: Math.floor(memoryBytes * gpuMemory), driverBytes: DRIVER_BYTES }
  return { budgetBytes: Math.min(memoryBytes, gpuMemory), driverBytes: 0 }
}

function readModel(name: string): ModelConfig {
  if (isShapeName(name)) return modelShape(name)
  try {
    return readModelConfig(modelDirectory(name))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'invalid_target')) throw error
    throw new UsageError(`${error.message}; shapes that are known without files: ${shapeNames.join(', ')}`)
  }
}
