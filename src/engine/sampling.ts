/**
 * How the next token is chosen. The names and meanings are vLLM's, in camel case.
 *
 * Order of operations on a row of logits `l[vocab]`: logit bias, then repetition, presence and frequency penalties,
 * then `minTokens` bars the stop ids; temperature; `topK`, `topP`, `minP` (each on the distribution that the one
 * before left); one draw.
 */
export interface SamplingParams {
  /** 0 takes the likeliest token. Range 0…10. Default 1. */
  readonly temperature?: number
  /** Keep the k likeliest; 0 keeps all. Default 0. */
  readonly topK?: number
  /** Keep the smallest set whose probability reaches this. Range (0, 1]. Default 1. */
  readonly topP?: number
  /** Drop tokens less likely than this share of the likeliest. Range 0…1. Default 0. */
  readonly minP?: number
  /** CTRL's penalty: divides positive and multiplies negative logits of tokens seen in prompt or output. Range (0, 10]. Default 1. */
  readonly repetitionPenalty?: number
  /** Subtracted once from tokens that the output holds. Range −2…2. Default 0. */
  readonly presencePenalty?: number
  /** Subtracted for each time that the output holds the token. Range −2…2. Default 0. */
  readonly frequencyPenalty?: number
  /** Added to the logits: token id → −100…100. At most 1024 entries. */
  readonly logitBias?: Readonly<Record<number, number>>
  /** 0…2⁵³−1. Random numbers depend on (seed, choice, position) alone. Default: drawn per request. */
  readonly seed?: number
  /**
   * Ends the output before whichever of these is whole first; the string itself is not part of the output. At most 16 of
   * up to 256 bytes.
   */
  readonly stop?: readonly string[]
  /** Ends the output at any of these ids, beside the model's own end tokens. */
  readonly stopTokenIds?: readonly number[]
  /** Neither end tokens nor stop strings end the output before this many tokens. Default 0. */
  readonly minTokens?: number
  /** Default: what is left of the context. */
  readonly maxTokens?: number
  /** Go on past the model's end tokens, which are then tokens as any other. For measurements. Default false. */
  readonly ignoreEos?: boolean
  /** Independent answers to one prompt. Range 1…16. Default 1. */
  readonly n?: number
  /** Report the log-probability of each chosen token (of the model's own distribution, before penalties and temperature). Default false. */
  readonly logprobs?: boolean
  /** …and of this many likeliest ones beside it. Range 0…20. Default 0. */
  readonly topLogprobs?: number
  /** Leave special tokens out of the text. Default true. */
  readonly skipSpecialTokens?: boolean
}

/** {@link SamplingParams} with nothing left out; undefined is what has no default and was not given. */
export type ResolvedSampling = Required<Omit<SamplingParams, 'seed' | 'maxTokens'>> & {
  readonly seed: number | undefined
  readonly maxTokens: number | undefined
}

export const SAMPLING_DEFAULTS: ResolvedSampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  logitBias: {},
  stop: [],
  stopTokenIds: [],
  minTokens: 0,
  ignoreEos: false,
  n: 1,
  logprobs: false,
  topLogprobs: 0,
  skipSpecialTokens: true,
  seed: undefined,
  maxTokens: undefined,
}
