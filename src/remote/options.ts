import type { Clock } from '../clock/index.ts'

/** Which route answers: chat for messages and completions for the rest, one of the two for all, or llama.cpp's own. */
export type RemoteApi = 'auto' | 'chat' | 'completions' | 'llama'

/** How a server elsewhere is spoken to. Plain data but for `clock`: it crosses processes. */
export interface RemoteOptions {
  /** Default: what `apiKeyFile` holds, else `WARPLINE_API_KEY`, else `OPENAI_API_KEY`, else none. */
  readonly apiKey?: string
  /** The first line of this file. */
  readonly apiKeyFile?: string
  /** Which of the server's models. Default: the first that it lists. */
  readonly model?: string
  /** Default `auto`. */
  readonly api?: RemoteApi
  /** Whether answers come token by token, or whole. Default true. */
  readonly streaming?: boolean
  /** Until a connection stands. Default 10 000. */
  readonly connectTimeoutMs?: number
  /**
   * So long a server may say nothing while it owes an answer; pings count as words, and of an answer that is not streamed
   * there are none before its end. Default 120 000.
   */
  readonly idleTimeoutMs?: number
  /**
   * How often a request is sent again where nothing of it can have been answered: no connection, one that was reset
   * before the first byte, or a server that still loads. Default 2.
   */
  readonly retries?: number
  /** Connections at once; more requests wait for one. Default: no limit. */
  readonly connections?: number
  /** Waits between retries go by it. Default: the system's. */
  readonly clock?: Clock
}

export const REMOTE_DEFAULTS = {
  api: 'auto',
  streaming: true,
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 120_000,
  retries: 2,
} as const satisfies RemoteOptions
