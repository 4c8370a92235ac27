import type { GenerateRequest, Input } from '../../engine/index.ts'

/** What one request asks. Plain data. */
export interface Ask {
  readonly input: Input
  /** Output tokens: the most, and with `ignoreEos` exactly so many. */
  readonly maxTokens: number
  readonly ignoreEos: boolean
  /** Everything else, as the contract has it, e.g. `{ temperature: 0 }`. */
  readonly sampling?: GenerateRequest['sampling']
  /** As counted by who made the prompt; undefined where only the target can tell. */
  readonly promptTokens?: number
}

/** One user's exchange: a single request, or several turns in which each follows from the answer before. */
export interface Dialogue {
  /**
   * The first request with `undefined`, then with each answer's text the next; undefined when it is over. A turn that
   * failed ends it.
   */
  next(answer: string | undefined): Ask | undefined
}

/**
 * What users ask. Dialogue `index` is the same in every process that opened the same spec with the same seed: processes
 * share the indices among themselves, and nothing else.
 */
export interface Work {
  /** Any index from 0; a file's prompts are begun again when they are over. */
  dialogue(index: number): Dialogue
}

/** Of a length in tokens: what is drawn for each request. */
export type LengthSpec =
  | { readonly kind: 'fixed'; readonly tokens: number }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  /** Drawn again beyond min (default 1) and max. */
  | {
      readonly kind: 'normal'
      readonly mean: number
      readonly deviation: number
      readonly min?: number
      readonly max?: number
    }

/** Where prompts come from. Plain data: it crosses processes and stands in reports. */
export type WorkSpec =
  | {
      readonly kind: 'synthetic'
      readonly prompt: LengthSpec
      readonly output: LengthSpec
      /** How many tokens at a prompt's beginning all prompts share. The rest is random, so that no cache knows it. Default 0. */
      readonly sharedPrefix?: number
      /** Distinct shared prefixes, dealt out round robin. Default 1. */
      readonly prefixes?: number
      /** Turns of each dialogue; each adds a prompt of the same length to what was said. Default 1. */
      readonly turns?: number
      /** What a prompt is sent as: ids are exact, and not every server takes them. */
      readonly as: 'tokens' | 'text' | 'chat'
      /** After so many dialogues the same come again, so that a cache may know them. Default: never. */
      readonly distinct?: number
      /** Other words at the same lengths, so that a second run finds nothing of the first in a cache. Default 0. */
      readonly variant?: number
      /** Default: temperature 0. */
      readonly sampling?: Ask['sampling']
    }
  | {
      /** txt: a prompt a line. jsonl: `{"prompt"}`, `{"messages"}` or ShareGPT's `{"conversations"}` a line. json: a list of such. */
      readonly kind: 'file'
      readonly path: string
      /** Output tokens of a prompt that says nothing of its own. Default: fixed 128. */
      readonly output?: LengthSpec
      /** Send text as a chat's one user message. Default: as it stands. */
      readonly as?: 'text' | 'chat'
      /** Default: temperature 0. */
      readonly sampling?: Ask['sampling']
    }
