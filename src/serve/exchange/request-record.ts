/** What is known of a request for text when it is over: for the log, the metrics, `Server-Timing` and `/slots`. */
export interface RequestRecord {
  readonly promptTokens: number
  cachedTokens: number
  completionTokens: number
  /** Answers to be made, over all prompts. */
  readonly sequences: number
  /** In the server's queue and the engine's. */
  queuedMs: number
  prefillMs: number
  decodeMs: number
  /** From arrival to the first token; undefined until there is one. */
  firstTokenMs: number | undefined
}
