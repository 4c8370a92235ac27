import type { SamplingParams } from './sampling.ts'

export type Role = 'system' | 'user' | 'assistant' | 'tool'

export interface ChatMessage {
  readonly role: Role
  readonly content: string
  readonly name?: string
}

/** A chat; the engine renders it by the model's own template. */
export interface MessagesInput {
  readonly messages: readonly ChatMessage[]
  /** Extra variables for the template, e.g. `{ enable_thinking: false }`. */
  readonly templateOptions?: Readonly<Record<string, unknown>>
}

/** Raw text. */
export interface TextInput {
  readonly text: string
  /** Whether the tokenizer's own prefix (a BOS token, where the model has one) is added. Default true. */
  readonly addSpecialTokens?: boolean
}

/** Token ids, taken as they are. */
export interface TokensInput {
  readonly tokens: readonly number[]
}

export type Input = MessagesInput | TextInput | TokensInput

export interface TokenizeOptions {
  /**
   * Tokens; of a prompt that has more, no more is read than shows that it has, and it is refused by a
   * `ContextLengthError`. At least the context's length; `countedTokens` is what `generate` takes. Default: no limit.
   */
  readonly limit?: number
}

/** Where an engine made of engines may send a request, and what the request is part of; other engines pay no heed. */
export interface RoutingHints {
  /** By a name that {@link EngineInfo.models} lists, or an alias of one. Default: the engine's own model. */
  readonly model?: string
  /** Requests of one session go to the same engine for as long as it is well. At most 256 characters. */
  readonly session?: string
  /** An engine's name: no other will do. */
  readonly upstream?: string
  /** W3C trace context: the span that the decision is part of. */
  readonly traceparent?: string
  /** Milliseconds from now within which the whole answer must be there. Default: no such limit. */
  readonly deadlineMs?: number
}

export interface GenerateRequest {
  readonly input: Input
  /** What is left out comes from the model's `generation_config.json`, then from {@link SAMPLING_DEFAULTS}. */
  readonly sampling?: SamplingParams
  /** Lower runs earlier; equal priorities run in order of arrival. Default 0. */
  readonly priority?: number
  /**
   * Prompts share cached prefixes only where their salts are equal, so that nobody learns from a first token's time what
   * others have asked. At most 256 characters. Default: the empty salt.
   */
  readonly cacheSalt?: string
  /** Appears in logs and errors. Default: one is made. */
  readonly id?: string
  /** Ask a server for its {@link Timeline}; engines in this process have none. Default false. */
  readonly timeline?: boolean
  readonly routing?: RoutingHints
}

export interface GenerateOptions {
  /** Aborting ends the iteration with an `AbortedError`; one step later the engine holds nothing of the request. */
  readonly signal?: AbortSignal
}
