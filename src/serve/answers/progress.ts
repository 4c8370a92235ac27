/** How far the answers to one prompt have come. */
export interface Progress {
  /** The prompt as token ids, where they are known. */
  readonly prompt: readonly number[] | undefined
  /** 0 until the prompt was processed. */
  readonly promptTokens: number
  readonly cachedTokens: number
  /** Over all its choices. */
  readonly completionTokens: number
  /** From when the engine was asked to the first token; once it is over, as the engine measured it. */
  readonly prefillMs: number
  /** From the first token to the latest; once it is over, as the engine measured it. */
  readonly decodeMs: number
}
