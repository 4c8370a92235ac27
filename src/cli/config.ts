import type { LengthSpec, Objective, RunExtent } from '../bench/index.ts'
import type { Extent } from '../cuda/index.ts'
import type { SchedulingPolicy } from '../dispatch/index.ts'
import type { SamplingParams } from '../engine/index.ts'
import type { DeviceName } from '../native/index.ts'
import type { PolicyName } from '../route/index.ts'
import type { LogFormat, LogLevel } from '../telemetry/index.ts'

/** Left to the model where they are not given. */
type SamplingChoice =
  | 'temperature'
  | 'topK'
  | 'topP'
  | 'minP'
  | 'repetitionPenalty'
  | 'presencePenalty'
  | 'frequencyPenalty'
  | 'seed'
  | 'maxTokens'
  | 'minTokens'
  | 'stop'

/** Everything that can be chosen; what it means is said in `options.ts`. What has a default is always there. */
export interface Config extends Pick<SamplingParams, SamplingChoice> {
  readonly target?: string
  readonly device?: DeviceName
  readonly threads?: number
  readonly dtype?: 'auto' | 'f32' | 'bf16' | 'f16'
  readonly weights?: 'auto' | 'f32' | 'bf16' | 'f16'
  readonly context?: number
  readonly maxSequences?: number
  readonly tokenBudget?: number
  readonly prefixCaching: boolean
  /** Bytes. */
  readonly kvMemory?: number
  readonly quantize?: 'fp8' | 'int8'
  readonly kvType?: 'auto' | 'f32' | 'bf16' | 'f16' | 'fp8'
  readonly loadFormat?: 'auto' | 'dummy'
  readonly batchInvariant: boolean
  readonly without?: readonly string[]
  /** Bytes, or a share of the GPU's where it is at most 1. */
  readonly gpuMemory?: number
  /** e.g. `2xRTX4090`. */
  readonly gpus?: string
  readonly tp?: number
  readonly batch?: number
  /** In tokens. */
  readonly promptLengths: readonly number[]
  readonly answerLengths: readonly number[]
  readonly depths: readonly number[]
  readonly batches: readonly number[]
  readonly repeat: number
  readonly ablate: boolean
  readonly ceilings: boolean
  readonly format: 'table' | 'json' | 'csv'
  /** A file's path. */
  readonly output?: string
  /** Users at once. */
  readonly concurrency?: readonly number[]
  /** Requests per second. */
  readonly rate?: readonly number[]
  readonly arrivals?: 'constant' | 'poisson' | 'gamma'
  readonly burstiness?: number
  readonly rampFrom?: number
  readonly maxInFlight?: number
  /** A file's path. */
  readonly replay?: string
  readonly replaySpeed: number
  readonly requests?: number
  /** Seconds. */
  readonly duration?: number
  readonly warmUp?: RunExtent
  /** A file's path. */
  readonly prompts?: string
  readonly promptTokens?: LengthSpec
  readonly outputTokens?: LengthSpec
  /** Tokens. */
  readonly sharedPrefix?: number
  readonly prefixes?: number
  readonly turns?: number
  readonly send: 'auto' | 'tokens' | 'text' | 'chat'
  readonly slo?: readonly Objective[]
  /** 0…1. */
  readonly sloShare?: number
  readonly pair?: string
  /** 0…1. */
  readonly margin?: number
  readonly counts?: readonly number[]
  readonly processes?: number
  /** Seconds. */
  readonly timeout?: number
  readonly calibrate: boolean
  readonly streaming: boolean
  readonly api?: 'auto' | 'chat' | 'completions' | 'llama'
  /** Files' paths. */
  readonly apiKeyFile?: string
  readonly save?: string
  readonly html?: string
  readonly csv?: string
  readonly jsonl?: string
  readonly vllm?: string
  readonly folder: string
  readonly force: boolean
  /** What ranks open, in turn. */
  readonly targets?: readonly string[]
  readonly ranks?: number
  /** A program's name or path. */
  readonly mpirun?: string
  readonly inflight: number
  readonly schedule: SchedulingPolicy
  readonly retries: number
  /** Seconds. */
  readonly heartbeatTimeout: number
  /** GPUs by executing rank. */
  readonly gpuMap?: readonly number[]
  readonly cudaPost?: 'cuda' | 'cpu'
  readonly cudaWork: number
  readonly resume: boolean
  readonly quiet: boolean
  /** In tokens. */
  readonly depth: number
  readonly promptLength?: number
  readonly steps: number
  /** A file's path. */
  readonly trace?: string
  readonly nvtx: boolean
  readonly nsys: boolean
  readonly kernel?: string
  /** Blocks, and threads of a block. */
  readonly grid?: Extent
  readonly block?: Extent
  /** e.g. `f32[1024]=random`. */
  readonly args?: readonly string[]
  readonly host: string
  readonly port: number
  readonly insecure: boolean
  readonly model?: string
  /** Seconds. */
  readonly drainTimeout: number
  /** A file's path. */
  readonly keys?: string
  readonly allowedHost?: readonly string[]
  readonly corsOrigin?: readonly string[]
  /** Files' paths: both or none. */
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly queueTokens: number
  /** Seconds. */
  readonly queueTime: number
  /** Seconds. */
  readonly writeTimeout: number
  readonly upstream?: readonly string[]
  /** A file's path. */
  readonly routes?: string
  readonly policy: PolicyName
  /** A model's name or folder. */
  readonly tokenizer?: string
  readonly failover: boolean
  /** Seconds. */
  readonly hedgeAfter?: number
  readonly reroutes: number
  /** Seconds. */
  readonly firstTokenTimeout?: number
  /** Seconds. */
  readonly stallTimeout?: number
  readonly onEngineFailure: 'stay' | 'restart' | 'exit'
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  readonly prompt?: string
  readonly system?: string
  readonly raw: boolean
  readonly json: boolean
  readonly ignoreEos: boolean
}

/** The chosen among `keys`: what was left out stays left out. */
export function pick<K extends keyof Config>(config: Partial<Config>, keys: readonly K[]): Partial<Pick<Config, K>> {
  const entries = keys.filter(key => config[key] !== undefined).map(key => [key, config[key]])
  return Object.fromEntries(entries) as Partial<Pick<Config, K>>
}
