import { availableParallelism } from 'node:os'

export type WeightType = 'auto' | 'f32' | 'bf16' | 'int8'

export interface LoadProgress {
  readonly loadedBytes: number
  readonly totalBytes: number
}

/** How a model is loaded and run. What is left out has a default that suits one machine and a few users. */
export interface NativeOptions {
  /** `cpu`: WebAssembly SIMD on all cores. `cpu-reference`: plain TypeScript, slow and clear. Default `cpu`. */
  readonly device?: 'cpu' | 'cpu-reference'
  /** Cores to compute on, the engine's own included. Default: all. */
  readonly threads?: number
  /** How weights are kept. `auto`: bf16 where the checkpoint is (which loses nothing) or is large, else f32. `int8` halves bf16's memory and time at a small loss. Default `auto`. */
  readonly weights?: WeightType
  /** Tokens, prompt and output together. Default: what the model was made for, at most 8192. */
  readonly contextLength?: number
  /** Sequences that run at once; more wait. Default 64. */
  readonly maxSequences?: number
  /** Tokens in one step: larger is faster for long prompts and stalls running streams for longer. Default 256. */
  readonly tokenBudget?: number
  /** Bytes for keys and values. Default: 256 MiB, or what one full context takes where that is more. */
  readonly kvMemory?: number
  /** Begin a prompt with the blocks that an earlier one left behind. Default true. */
  readonly prefixCaching?: boolean
  readonly onProgress?: (progress: LoadProgress) => void
}

export type NativeSettings = Required<Omit<NativeOptions, 'onProgress' | 'contextLength'>> &
  Pick<NativeOptions, 'contextLength'>

const MIB = 2 ** 20

export function resolveOptions(options: NativeOptions): NativeSettings {
  return {
    device: options.device ?? 'cpu',
    threads: options.threads ?? availableParallelism(),
    weights: options.weights ?? 'auto',
    maxSequences: options.maxSequences ?? 64,
    tokenBudget: options.tokenBudget ?? 256,
    kvMemory: options.kvMemory ?? 256 * MIB,
    prefixCaching: options.prefixCaching ?? true,
    ...(options.contextLength === undefined ? {} : { contextLength: options.contextLength }),
  }
}
