import { setImmediate } from 'node:timers/promises'
import { ModelLoadError } from '../../engine/index.ts'
import { openCheckpoint, type TensorSource } from '../../formats/index.ts'
import { BLOCK_SIZE, type Device, type RopeTables, type StepInputs, type WeightStorage } from '../device/device.ts'
import type { ModelConfig } from './config.ts'
import { allocateActivations, Decoder } from './decoder.ts'
import { defaultGenerationConfig, type GenerationConfig, readGenerationConfig } from './generation-config.ts'
import { allocateKv, type KvType } from './kv.ts'
import type { Model } from './model.ts'
import { randomWeights } from './random-weights.ts'
import { readModelConfig } from './read-config.ts'
import { ropeTables } from './rope.ts'
import { countParameters } from './weight-plan.ts'
import { allocateWeights, placedWeights, planFor, sourceBytes, uploadWeights } from './weights.ts'

export interface LoadOptions {
  /** How matrices are kept; `auto`: bf16 where the checkpoint is, which loses nothing; else f32 below 64 million weights, bf16 above. */
  readonly storage: WeightStorage | 'auto'
  /** Blocks of {@link BLOCK_SIZE} positions in the KV cache. */
  readonly blocks: number
  /** Default f32. */
  readonly kvType?: KvType
  /** Longest sequence. Default: the model's own limit, or what the blocks hold where that is less. */
  readonly contextLength?: number
  /** Tokens in the largest step. */
  readonly maxTokens: number
  /** Rows of logits in the largest step. */
  readonly maxLogitRows: number
  /** Bytes of the checkpoint that have been read, and that will be. */
  readonly onProgress?: (loadedBytes: number, totalBytes: number) => void
}

const SMALL_MODEL = 64_000_000

/**
 * Reads a model directory (config.json, weights, generation_config.json) onto a device, which is left unsealed: see
 * {@link Model.prepare}. The event loop turns between pieces of 8 MiB. Nothing is allocated before every file has been checked.
 *
 * @throws FormatError when a file is missing, damaged or of a kind that this build does not compute; ModelLoadError
 * when the options ask for more than the model or the device has. The device is the caller's to dispose of.
 */
export async function loadModel(directory: string, device: Device, options: LoadOptions): Promise<Model> {
  const config = readModelConfig(directory)
  const generation = readGenerationConfig(directory, config)
  using source = openCheckpoint(directory)
  const { model, upload } = build(config, generation, source, device, options)
  for (const _ of upload) await setImmediate()
  return model
}

/** A model of `config` with {@link randomWeights}, for measurements. */
export function randomModel(config: ModelConfig, device: Device, options: LoadOptions, seed: number): Model {
  const { model, upload } = build(config, defaultGenerationConfig(config), randomWeights(config, seed), device, options)
  for (const _ of upload);
  return model
}

/** The model, and what must be run to its end before it is used. */
function build(
  config: ModelConfig,
  generation: GenerationConfig,
  source: TensorSource,
  device: Device,
  options: LoadOptions,
): { model: Model; upload: Iterable<void> } {
  const contextLength = chooseContext(config, options)
  const plan = planFor(source, config)
  const parameters = countParameters(plan)
  const storage = options.storage === 'auto' ? bestStorage(source, parameters) : options.storage

  const placement = allocateWeights(plan, device, storage)
  const ropes = allocateRopes(config, device, contextLength)
  const kv = allocateKv(device, config, options.blocks, options.kvType ?? 'f32')
  const activations = allocateActivations(device, config, options.maxTokens, options.maxLogitRows)
  const decoder = new Decoder(device, config, placedWeights(plan, placement), ropes, kv, activations)
  function* upload(): Generator<void> {
    const total = sourceBytes(source, plan)
    for (const loaded of uploadWeights(source, placement, device)) yield options.onProgress?.(loaded, total)
  }
  const model: Model = {
    config,
    generation,
    parameters,
    storage,
    contextLength,
    blocks: options.blocks,
    forward(step) {
      check(step, options, contextLength)
      device.begin(step)
      return decoder.program(step.tokens.length, step.logitRows.length)
    },
    prepare(sequences) {
      const { maxTokens: tokens, maxLogitRows: logitRows } = options
      return device.prepare(decoder.program, { tokens, sequences, logitRows, contextLength })
    },
    run(step, rows) {
      check(step, options, contextLength)
      return device.run(step, rows, decoder.program)
    },
  }
  return { model, upload: upload() }
}

/** The smallest storage that keeps the weights as they are, but no more than 256 MB for the sake of exactness. */
function bestStorage(source: TensorSource, parameters: number): WeightStorage {
  const exact = [...source.tensors.values()].every(({ dtype }) => dtype === 'BF16')
  return exact || parameters >= SMALL_MODEL ? 'bf16' : 'f32'
}

function chooseContext(config: ModelConfig, { contextLength, blocks }: LoadOptions): number {
  const cached = blocks * BLOCK_SIZE
  if (contextLength === undefined) return Math.min(config.contextLength, cached)
  if (contextLength > config.contextLength) {
    throw new ModelLoadError(
      `a context of ${contextLength} tokens is asked for and the model was made for ${config.contextLength}: ask for fewer`,
    )
  }
  if (contextLength > cached) {
    throw new ModelLoadError(
      `a context of ${contextLength} tokens is asked for and the KV cache holds ${cached}: give it more blocks`,
    )
  }
  return contextLength
}

function allocateRopes(config: ModelConfig, device: Device, positions: number): readonly RopeTables[] {
  const { headDim } = config.heads
  return config.ropes.map(rope => {
    const cos = device.allocate([positions, headDim / 2], 'f32', 'weights')
    const sin = device.allocate([positions, headDim / 2], 'f32', 'weights')
    const tables = ropeTables(rope, headDim, positions)
    device.upload(cos, tables.cos)
    device.upload(sin, tables.sin)
    return { cos, sin }
  })
}

/** A step that does not fit would write past a tensor's end. */
function check(step: StepInputs, { maxTokens, maxLogitRows }: LoadOptions, contextLength: number): void {
  if (step.tokens.length > maxTokens) throw new RangeError(`a step of ${step.tokens.length} tokens; ${maxTokens} fit`)
  if (step.logitRows.length > maxLogitRows) {
    throw new RangeError(`a step of ${step.logitRows.length} logit rows; ${maxLogitRows} fit`)
  }
  for (const length of step.contextLengths) {
    if (length > contextLength) throw new RangeError(`a sequence of ${length} tokens; ${contextLength} fit`)
  }
}
