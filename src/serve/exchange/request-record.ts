import type { FinishReason } from '../../engine/index.ts'

/** What is known of a request for text when it is over: for the log, the metrics, `Server-Timing` and `/slots`. */
export interface RequestRecord {
  /** It waits for its turn, is in the engine, or has left it. */
  phase: 'waiting' | 'running' | 'over'
  /** Estimated where the engine's tokenizer is elsewhere, until it says better. */
  promptTokens: number
  cachedTokens: number
  /** Of all answers; grows as they come. */
  completionTokens: number
  /** Answers to be made, over all prompts. */
  readonly sequences: number
  /** In the server's queue and the engine's. */
  queuedMs: number
  prefillMs: number
  decodeMs: number
  /** From arrival to the first token; undefined until there is one. */
  firstTokenMs: number | undefined
  /** Of `sequences`, those that ended by themselves. */
  ended: number
  /** Why; `length` where one of several ended for that. */
  finish: FinishReason | undefined
}
