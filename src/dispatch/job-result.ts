/** What came of a job at the rank that had it, whoever tells it. Times in ms. */
export interface JobAnswer {
  readonly ok: boolean
  readonly text?: string
  readonly finishReason?: string
  readonly promptTokens: number
  readonly cachedTokens: number
  /** Of the answer alone. */
  readonly outputTokens: number
  /** From the last request's start to its end. */
  readonly serviceMs: number
  /** Of the post kernel: measured by the card's events. */
  readonly postMs?: number
  /** Absent where it is ok. */
  readonly error?: { readonly code: string; readonly message: string }
}

/** What became of a job, as it stands in the results file: one object a line, in the prompts' order. Times in ms. */
export interface JobResult extends JobAnswer {
  readonly index: number
  /** From when the job was due at rank 0, waiting there included, until its answer was whole. */
  readonly latencyMs: number
  /** Of these: until it was handed to a rank. */
  readonly waitMs: number
  /** From handing it over to the first token; absent of answers that came whole. */
  readonly ttftMs?: number
  readonly rank: number
  readonly attempts: number
}
