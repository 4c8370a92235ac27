import { createCpuDevice, createReferenceDevice } from './device/cpu/index.ts'
import { BLOCK_SIZE, type Device } from './device/device.ts'
import { KvCache } from './kv/kv-cache.ts'
import { KV_TYPE, kvBlocks } from './kv-blocks.ts'
import { EngineLoop } from './loop.ts'
import type { LoadedModel, ThreadData } from './messages.ts'
import { loadModel } from './model/load-model.ts'
import { readModelConfig } from './model/read-config.ts'
import { ModelRunner } from './runner.ts'
import { Scheduler } from './scheduler.ts'
import { warmUp } from './warm-up.ts'

export interface LoadedEngine {
  readonly loop: EngineLoop
  readonly device: Device
  readonly model: LoadedModel
}

/** Enough for a long chat; a model made for more takes it on request, as its cache grows with it. */
const DEFAULT_CONTEXT = 8192

/** Everything from a model's folder to a loop that can step: device, weights, cache, scheduler. */
export async function loadEngine(
  { directory, settings, table }: ThreadData,
  onProgress: (loadedBytes: number, totalBytes: number) => void,
): Promise<LoadedEngine> {
  const config = readModelConfig(directory)
  const contextLength = settings.contextLength ?? Math.min(DEFAULT_CONTEXT, config.contextLength)
  const device =
    settings.device === 'cpu-reference' ? createReferenceDevice() : await createCpuDevice({ threads: settings.threads })
  const blocks = kvBlocks(config, contextLength, settings.maxSequences, settings.kvMemory)
  const model = await loadModel(directory, device, {
    storage: settings.weights,
    contextLength,
    maxTokens: settings.tokenBudget,
    maxLogitRows: settings.maxSequences,
    blocks,
    kvType: KV_TYPE,
    onProgress,
  })
  warmUp(model, device, settings)
  const memory = device.seal()
  const scheduler = new Scheduler(new KvCache(blocks, settings.prefixCaching), settings)
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
    model: {
      backend: `native/${device.name}`,
      contextLength,
      vocabSize: config.vocabSize,
      parameters: model.parameters,
      weightType: model.storage,
      maxSequences: settings.maxSequences,
      kvBlockSize: BLOCK_SIZE,
      samplingDefaults: model.generation.sampling,
      memory,
    },
  }
}
