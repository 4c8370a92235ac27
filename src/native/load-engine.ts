import type { CudaDevice } from './device/cuda/index.ts'
import { BLOCK_SIZE, type Device, type WeightStorage } from './device/device.ts'
import { KvCache } from './kv/kv-cache.ts'
import { cardBlocks, hostBlocks } from './kv-blocks.ts'
import { EngineLoop } from './loop.ts'
import type { LoadedModel, ThreadData } from './messages.ts'
import type { ModelConfig } from './model/config.ts'
import type { KvType } from './model/kv.ts'
import { type LoadOptions, loadModel, randomModel } from './model/load-model.ts'
import type { Model } from './model/model.ts'
import { checkpointType, configOf, type ModelSource } from './model-source.ts'
import { type NumberTypes, numberTypes, requireTypes } from './number-types.ts'
import { chooseDevice, type OpenedDevice, openDevice } from './open-device.ts'
import { type NativeSettings, type StepBounds, stepBounds } from './options.ts'
import { ModelRunner } from './runner.ts'
import { Scheduler } from './scheduler.ts'
import { warmUp } from './warm-up.ts'

export interface LoadedEngine {
  readonly loop: EngineLoop
  readonly device: Device
  /** The device, where it is a GPU: it can be asked for more. */
  readonly cuda: CudaDevice | undefined
  readonly model: LoadedModel
  /** How matrices, and keys and values, are kept. */
  readonly storage: WeightStorage
  readonly kvType: KvType
  readonly bounds: StepBounds
}

type OnProgress = (loadedBytes: number, totalBytes: number) => void

/** Enough for a long chat; a model made for more takes it on request, as its cache grows with it. */
const DEFAULT_CONTEXT = 8192
/** Of random weights. */
const SEED = 1

/** Everything from a model's files to a loop that can step: device, weights, cache, scheduler. */
export async function loadEngine(
  { source, settings, table }: ThreadData,
  onProgress: OnProgress,
): Promise<LoadedEngine> {
  const config = configOf(source)
  const contextLength = settings.contextLength ?? Math.min(DEFAULT_CONTEXT, config.contextLength)
  const chosen = await chooseDevice(settings.device)
  const bounds = stepBounds(settings, chosen.kind)
  const types = numberTypes(settings, chosen.kind, checkpointType(source))
  const opened = await openDevice(chosen, types.activationType, settings)
  try {
    return await loadOnto(opened, { config, types, bounds, contextLength, settings }, { source, table }, onProgress)
  } catch (error) {
    await opened.device[Symbol.asyncDispose]()
    throw error
  }
}

interface Wanted {
  readonly config: ModelConfig
  readonly types: NumberTypes
  readonly bounds: StepBounds
  readonly contextLength: number
  readonly settings: NativeSettings
}

async function loadOnto(
  opened: OpenedDevice,
  wanted: Wanted,
  { source, table }: Pick<ThreadData, 'source' | 'table'>,
  onProgress: OnProgress,
): Promise<LoadedEngine> {
  const { device } = opened
  const { config, types, bounds, contextLength, settings } = wanted
  requireTypes(device, types)
  const blocks = blocksOn(opened, wanted)
  const model = await load(source, config, device, {
    storage: types.storage,
    contextLength,
    maxTokens: bounds.tokenBudget,
    maxLogitRows: bounds.maxSequences,
    blocks,
    kvType: types.kvType,
    onProgress,
  })
  await model.prepare(bounds.maxSequences)
  if (opened.kind === 'cpu') warmUp(model, device, bounds)
  const memory = device.seal()
  const scheduler = new Scheduler(new KvCache(blocks, settings.prefixCaching), bounds)
  const loop = new EngineLoop({
    scheduler,
    runner: new ModelRunner(model),
    depth: device.depth,
    vocabulary: { table, endIds: new Set(model.generation.eosTokenIds) },
    now: () => performance.now(),
  })
  return {
    loop,
    device,
    cuda: opened.kind === 'cuda' ? opened.device : undefined,
    storage: model.storage,
    kvType: types.kvType,
    bounds,
    model: {
      backend: `native/${device.name}`,
      contextLength,
      vocabSize: config.vocabSize,
      parameters: model.parameters,
      weightType: model.storage,
      maxSequences: bounds.maxSequences,
      kvBlockSize: BLOCK_SIZE,
      samplingDefaults: model.generation.sampling,
      memory,
    },
  }
}

async function load(source: ModelSource, config: ModelConfig, device: Device, options: LoadOptions): Promise<Model> {
  if (source.dummy || 'shape' in source.from) return randomModel(config, device, options, SEED)
  return loadModel(source.from.directory, device, options)
}

/** How many KV blocks the device is asked for. */
function blocksOn({ kind, device }: OpenedDevice, { config, types, bounds, contextLength, settings }: Wanted): number {
  const { kvType, activationType, storage } = types
  const { maxSequences, tokenBudget: maxTokens } = bounds
  const kv = { config, kvType, contextLength, maxSequences }
  if (kind === 'cpu') return hostBlocks(kv, settings.kvMemory)
  const weights = storage === 'auto' ? activationType : storage
  const request = { ...kv, activationType, storage: weights, maxTokens, budgetBytes: device.freeBytes }
  return cardBlocks(request, settings.kvMemory)
}
