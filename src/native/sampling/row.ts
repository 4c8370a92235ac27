/** How one row of logits becomes a token; built once per sequence, `position` and `counts` move with it. */
export interface RowSampling {
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly minP: number
  readonly repetitionPenalty: number
  readonly presencePenalty: number
  readonly frequencyPenalty: number
  /** Pairs of id and bias. */
  readonly bias: ReadonlyArray<readonly [id: number, bias: number]>
  /** Ids that may not come now (end tokens before `minTokens`). */
  readonly banned: readonly number[]
  /** 64 bits of the sequence's own: seed and choice mixed. */
  readonly key: bigint
  /** Position of the token to be drawn, counted from the prompt's start. */
  readonly position: number
  /** Distinct ids of prompt and output so far (for the repetition penalty); empty when all penalties are off. */
  readonly seen: ReadonlySet<number>
  /** How often the output holds each id. */
  readonly counts: ReadonlyMap<number, number>
  /** The row of the step before whose token belongs to `seen` and `counts`, but is not known to the host yet. */
  readonly drawnBy?: number | undefined
  /** How many likeliest tokens to report; −1: no log-probabilities at all. */
  readonly topLogprobs: number
}

export interface SampledRow {
  readonly id: number
  /** Natural log-probability under the model's own distribution; NaN when none were asked for. */
  readonly logprob: number
  /** Likeliest first. */
  readonly top: ReadonlyArray<readonly [id: number, logprob: number]>
}
