import type { SamplingParams } from '../engine/index.ts'
import type { OpenOptions } from '../targets.ts'
import type { PostOptions } from './post/post-kernel.ts'
import type { SchedulingPolicy } from './schedule/policies.ts'

/** What all ranks are told alike. Plain data. */
export interface DispatchOptions {
  /** A file of prompts; rank 0 alone reads it. */
  readonly prompts: string
  /** Where results go, JSON, one a line, in the prompts' order; rank 0 alone writes it. */
  readonly output: string
  /** What executing ranks open, in turn; `{rank}`, `{worker}` and `{gpu}` stand for the rank's own. None: the bundled model. */
  readonly targets?: readonly string[]
  readonly open?: OpenOptions
  /** Cards by worker, in turn. Default: those of a host, in turn. */
  readonly gpuMap?: readonly number[]
  /** `auto`: text is a chat's message where the target takes chats. Default `auto`. */
  readonly send?: 'auto' | 'text' | 'chat'
  readonly sampling?: SamplingParams
  /** Of each request. Default: none. */
  readonly timeoutMs?: number
  /** How often a rank makes a request again, where that may help. Default 2. */
  readonly retries?: number
  /** Default `pull`. */
  readonly policy?: SchedulingPolicy
  /** Jobs under way at once, of all ranks together. Default 8. */
  readonly inflight?: number
  /** A rank that is silent for longer is lost. Default 5000. */
  readonly heartbeatTimeoutMs?: number
  readonly resume?: boolean
  readonly force?: boolean
  /** Done with each answer's tokens. Default: nothing. */
  readonly post?: PostOptions
}
