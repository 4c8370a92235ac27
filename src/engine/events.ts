/** The likelihood of one token; `logprob` is natural, of the model's own distribution. */
export interface TokenLogprob {
  readonly id: number
  /** The token's own text; U+FFFD stands for bytes that are no whole character. */
  readonly token: string
  readonly bytes: readonly number[]
  readonly logprob: number
}

export interface ChosenLogprob extends TokenLogprob {
  /** The likeliest tokens at this place, likeliest first; as many as `topLogprobs` asked for. */
  readonly top: readonly TokenLogprob[]
}

/** The request left the queue and its prompt was processed. Comes once, first. */
export interface StartEvent {
  readonly type: 'start'
  /** 0 where a server elsewhere has not told yet: it is in `usage`. */
  readonly promptTokens: number
  /** How many of them were found in the prefix cache. */
  readonly cachedTokens: number
  /** The prompt as token ids, where a server elsewhere tells them. */
  readonly promptIds?: readonly number[]
  /** Of an engine made of engines: which one answers. */
  readonly served?: ServedBy
}

export interface ServedBy {
  /** The engine's name. */
  readonly upstream: string
  /** Milliseconds that choosing it and handing the request and its first event on took, of this process's own time. */
  readonly overheadMs: number
  /** Engines that were asked, this one included. */
  readonly attempts: number
}

/** In place of an id that was not told. */
export const UNKNOWN_TOKEN = -1

/**
 * New tokens of one choice. A token is reported once all of its text is settled: text that may still turn out to be
 * (part of) a stop string, or that ends within a character, is held back together with its token.
 */
export interface TokensEvent {
  readonly type: 'tokens'
  /** Which of the `n` answers: 0…n−1. */
  readonly choice: number
  /** {@link UNKNOWN_TOKEN} stands for each token that a server elsewhere sent without its id. */
  readonly ids: readonly number[]
  readonly text: string
  /** One entry for each of `ids`, when asked for. */
  readonly logprobs?: readonly ChosenLogprob[]
}

/** `stop`: an end token, a stop id or a stop string. `length`: `maxTokens` or the context's end. */
export type FinishReason = 'stop' | 'length'

export interface ChoiceEnd {
  readonly finishReason: FinishReason
  /** The stop string or stop id that ended it; absent for the model's own end tokens and for `length`. */
  readonly stop?: string | number
  readonly completionTokens: number
}

export interface Usage {
  readonly promptTokens: number
  readonly cachedTokens: number
  /** Over all choices; tokens of a stop string and end tokens count, as they were computed. */
  readonly completionTokens: number
}

/** Milliseconds on a monotonic clock, measured where the engine runs. */
export interface Timings {
  /** From arrival to the first step that worked on the request. */
  readonly queuedMs: number
  /** From that step to the first token. */
  readonly prefillMs: number
  /** From the first token to the last. */
  readonly decodeMs: number
}

/**
 * How a server that the engine speaks to saw the request, in ms from when its head had arrived there, on that server's
 * clock: what the client saw beside it was on the way.
 */
export interface Timeline {
  /** The request was read, checked and turned into tokens, and stood in line. */
  readonly queuedAt: number
  /** It was let through to the engine. */
  readonly admittedAt: number
  /** Its first step began. */
  readonly startedAt: number
  /** When tokens came from the engine, and how many: one entry for each event. */
  readonly tokensAt: readonly number[]
  readonly tokens: readonly number[]
  /** When the last of the answer was written, but for the words that say this. */
  readonly endedAt: number
}

/** The request is over: exactly one comes, last, unless the iteration throws. */
export interface DoneEvent {
  readonly type: 'done'
  /** One entry for each choice, in order. */
  readonly choices: readonly ChoiceEnd[]
  readonly usage: Usage
  readonly timings: Timings
  /** Where it was asked for, of an engine that is a server which knows it. */
  readonly timeline?: Timeline
}

export type Event = StartEvent | TokensEvent | DoneEvent
