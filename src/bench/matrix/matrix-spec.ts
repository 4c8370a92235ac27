import type { NativeOptions } from '../../native/index.ts'

/** What to measure: every combination of the lists. */
export interface MatrixSpec {
  /** Folders or known shapes; for servers, whatever their commands make of `{model}`. */
  readonly models: readonly string[]
  /** Sequences at once. */
  readonly batches: readonly number[]
  /** Tokens. */
  readonly promptLengths: readonly number[]
  /** Cards that a model is split over. Default: one. */
  readonly gpus: readonly number[]
  /** How weights are kept; `none`: as the engine chooses. Default: `none`. */
  readonly quantize: readonly string[]
  /** Layers on the GPU, for servers that can keep the rest elsewhere. Default: `all`. */
  readonly gpuLayers: readonly (number | 'all')[]
  /** Tokens of each answer whose steps are timed, behind those of the warm-up. Default 20. */
  readonly steps: number
  /** Tokens of each answer that come before. Default 5. */
  readonly warmUp: number
  /** How often each cell is measured. Default 1. */
  readonly repeats: number
  /** Of an engine in this machine's own processes. */
  readonly options: EngineOptions
  /** Whether to measure first what the card gives at best. Default true. */
  readonly ceilings: boolean
  /** A server that is there already: a template of its URL. */
  readonly target?: string
  /** A server that is started for its cells and stopped after them. */
  readonly serve?: ServeTemplate
  /** How servers are sent prompts. Default `tokens`. */
  readonly send: 'tokens' | 'text' | 'chat'
}

export type EngineOptions = Omit<NativeOptions, 'onProgress' | 'isolated' | 'quantize'>

/** Words in which `{model}`, `{batch}`, `{promptLength}`, `{gpus}`, `{quantize}`, `{gpuLayers}` and `{port}` are replaced. */
export interface ServeTemplate {
  readonly command: readonly string[]
  /** Default `http://127.0.0.1:{port}`. */
  readonly url: string
  /** Seconds. Default 600. */
  readonly readyTimeout: number
}
