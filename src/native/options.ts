import { availableParallelism } from 'node:os'
import { ModelLoadError } from '../engine/index.ts'
import { TECHNIQUES, type Technique } from './device/cuda/techniques.ts'

/** What computes. `auto`: the first GPU that is fit for it, else the CPU. */
export type DeviceName = 'auto' | 'cpu' | 'cpu-reference' | 'cuda' | `cuda:${number}`
export type WeightType = 'auto' | 'f32' | 'bf16' | 'f16'
export type Quantisation = 'fp8' | 'int8'
export type ComputeType = 'auto' | 'f32' | 'bf16' | 'f16'
export type CacheType = 'auto' | 'f32' | 'bf16' | 'f16' | 'fp8'
export type LoadFormat = 'auto' | 'dummy'

export interface LoadProgress {
  readonly loadedBytes: number
  readonly totalBytes: number
}

/** How a model is loaded and run. What is left out has a default that suits one machine and a few users. */
export interface NativeOptions {
  /** `cpu`: WebAssembly SIMD on all cores. `cpu-reference`: plain TypeScript, slow and clear. `cuda:1`: the second GPU. Default `auto`. */
  readonly device?: DeviceName
  /** Cores to compute on, the engine's own included. Default: all. CPU alone. */
  readonly threads?: number
  /** What activations are computed in. `auto`: f16 where the checkpoint is, else bf16; f32 on a CPU. Default `auto`. */
  readonly dtype?: ComputeType
  /** How weights are kept. `auto`: on a GPU as `dtype`; on a CPU bf16 where the checkpoint is (which loses nothing) or is large, else f32. Default `auto`. */
  readonly weights?: WeightType
  /** Weights in one byte each, whatever `weights` says: half of bf16's memory and time at a small loss. `fp8` needs a GPU. Default: none. */
  readonly quantize?: Quantisation
  /** How keys and values are kept. `auto`: as `dtype`. Default `auto`. */
  readonly kvType?: CacheType
  /** `dummy`: random weights in the model's shape, for measurements. Default `auto`: what the folder holds. */
  readonly loadFormat?: LoadFormat
  /** Tokens, prompt and output together. Default: what the model was made for, at most 8192. */
  readonly contextLength?: number
  /** Sequences that run at once; more wait. Default 64 on a CPU, 256 on a GPU. */
  readonly maxSequences?: number
  /** Tokens in one step: larger is faster for long prompts and stalls running streams for longer. Default 256 on a CPU, 2048 on a GPU. */
  readonly tokenBudget?: number
  /** Bytes for keys and values. Default on a CPU: 256 MiB, or what one full context takes where that is more; on a GPU: what `gpuMemory` leaves. */
  readonly kvMemory?: number
  /** How much of a GPU's memory may be taken: a share like `90%`, the default, or a size like `1GiB`. */
  readonly gpuMemory?: string
  /** Begin a prompt with the blocks that an earlier one left behind. Default true. */
  readonly prefixCaching?: boolean
  /** A token's bits do not depend on what else is in its step; costs a GPU speed, and a CPU nothing. Default false. */
  readonly batchInvariant?: boolean
  /** Techniques of the GPU to do without, to measure what they are worth: see {@link TECHNIQUES}. Default: none. */
  readonly without?: readonly string[]
  /**
   * Run in a process of its own instead of a thread. After a fault a GPU can be opened again only once the process that
   * had it has ended: so this is what it takes to go on without ending one's own. Telling of a step takes 11 µs
   * instead of a thread's 9, of one with 256 sequences 84 instead of 72. Default false.
   */
  readonly isolated?: boolean
  readonly onProgress?: (progress: LoadProgress) => void
}

/** Those whose default depends on what computes, or that have none, may still be left out. */
type Open = 'contextLength' | 'maxSequences' | 'tokenBudget' | 'kvMemory' | 'quantize'

/** What is known of the options before there is a device. */
export type NativeSettings = Required<Omit<NativeOptions, 'onProgress' | 'isolated' | 'without' | Open>> &
  Pick<NativeOptions, Open> & { readonly without: readonly Technique[] }

/** @throws ModelLoadError for a technique that is none. */
export function resolveOptions(options: NativeOptions): NativeSettings {
  const { contextLength, maxSequences, tokenBudget, kvMemory, quantize } = options
  return {
    device: options.device ?? 'auto',
    threads: options.threads ?? availableParallelism(),
    dtype: options.dtype ?? 'auto',
    weights: options.weights ?? 'auto',
    kvType: options.kvType ?? 'auto',
    loadFormat: options.loadFormat ?? 'auto',
    gpuMemory: options.gpuMemory ?? '90%',
    prefixCaching: options.prefixCaching ?? true,
    batchInvariant: options.batchInvariant ?? false,
    without: techniques(options.without ?? []),
    ...(contextLength !== undefined && { contextLength }),
    ...(maxSequences !== undefined && { maxSequences }),
    ...(tokenBudget !== undefined && { tokenBudget }),
    ...(kvMemory !== undefined && { kvMemory }),
    ...(quantize !== undefined && { quantize }),
  }
}

export interface StepBounds {
  /** Tokens in one step. */
  readonly tokenBudget: number
  /** Sequences that hold KV blocks at once. */
  readonly maxSequences: number
}

const BOUNDS: Readonly<Record<'cpu' | 'cuda', StepBounds>> = {
  cpu: { tokenBudget: 256, maxSequences: 64 },
  cuda: { tokenBudget: 2048, maxSequences: 256 },
}

/** How large a step may be, on what computes it. */
export function stepBounds({ tokenBudget, maxSequences }: NativeSettings, kind: 'cpu' | 'cuda'): StepBounds {
  const bounds = BOUNDS[kind]
  return {
    tokenBudget: tokenBudget ?? bounds.tokenBudget,
    maxSequences: maxSequences ?? bounds.maxSequences,
  }
}

function techniques(names: readonly string[]): readonly Technique[] {
  return names.map(name => {
    if (Object.hasOwn(TECHNIQUES, name)) return name as Technique
    throw new ModelLoadError(`"${name}" is no technique to do without: choose of ${Object.keys(TECHNIQUES).join(', ')}`)
  })
}
