import type { CudaDevice } from './device/cuda/index.ts'
import { BLOCK_SIZE, type Device, type WeightStorage } from './device/device.ts'
import { KvCache } from './kv/kv-cache.ts'
import { cardBlocks, fitCard, hostBlocks } from './kv-blocks.ts'
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
import type { OpenBound } from './plan/index.ts'
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
  const chosen = await chooseDevice(settings.device)
  const types = numberTypes(settings, chosen.kind, checkpointType(source))
  const opened = await openDevice(chosen, types.activationType, settings)
  try {
    requireTypes(opened.device, types)
    const extent = extentOn(opened, config, types, settings)
    return await loadOnto(opened, { config, types, extent, settings }, { source, table }, onProgress)
  } catch (error) {
    await opened.device[Symbol.asyncDispose]()
    throw error
  }
}

/** How large everything is to be. */
interface Extent {
  readonly bounds: StepBounds
  readonly contextLength: number
  readonly blocks: number
}

interface Wanted {
  readonly config: ModelConfig
  readonly types: NumberTypes
  readonly extent: Extent
  readonly settings: NativeSettings
}

async function loadOnto(
  opened: OpenedDevice,
  wanted: Wanted,
  { source, table }: Pick<ThreadData, 'source' | 'table'>,
  onProgress: OnProgress,
): Promise<LoadedEngine> {
  const { device } = opened
  const { config, types, settings } = wanted
  const { bounds, contextLength, blocks } = wanted.extent
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

/** As large as was asked for; on a card, what nobody has asked for is lowered until it fits. */
function extentOn(
  { kind, device }: OpenedDevice,
  config: ModelConfig,
  types: NumberTypes,
  settings: NativeSettings,
): Extent {
  const { kvType, activationType, storage } = types
  const bounds = stepBounds(settings, kind)
  const contextLength = settings.contextLength ?? Math.min(DEFAULT_CONTEXT, config.contextLength)
  const kv = { config, kvType, contextLength, maxSequences: bounds.maxSequences }
  if (kind === 'cpu') return { bounds, contextLength, blocks: hostBlocks(kv, settings.kvMemory) }
  const weights = storage === 'auto' ? activationType : storage
  const wanted = {
    ...kv,
    activationType,
    storage: weights,
    maxTokens: bounds.tokenBudget,
    budgetBytes: device.freeBytes,
  }
  const request = fitCard(wanted, openBounds(settings))
  return {
    bounds: { tokenBudget: request.maxTokens, maxSequences: request.maxSequences },
    contextLength: request.contextLength,
    blocks: cardBlocks(request, settings.kvMemory),
  }
}

/** Bounds that are the engine's to choose. */
function openBounds({ contextLength, tokenBudget, maxSequences }: NativeSettings): ReadonlySet<OpenBound> {
  const open = new Set<OpenBound>()
  if (contextLength === undefined) open.add('contextLength')
  if (tokenBudget === undefined) open.add('maxTokens')
  if (maxSequences === undefined) open.add('maxSequences')
  return open
}
