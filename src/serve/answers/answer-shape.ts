import type { ChoiceEnd, Collected, TokensEvent, Usage } from '../../engine/index.ts'

/** What all answers of one request have in common. */
export interface AnswerHead {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
}

/** How the answer to one request looks; chat and completions differ in this alone. */
export interface AnswerShape {
  /** The whole answer: what each prompt gave, in order. */
  whole(answers: readonly Collected[]): unknown
  /** Frames of server-sent events; `choice` counts over all prompts. The empty string: no frame. */
  opening(choice: number): string
  tokens(choice: number, event: TokensEvent): string
  ending(choice: number, end: ChoiceEnd): string
  usage(usages: readonly Usage[]): string
}

export const DONE_FRAME = 'data: [DONE]\n\n'

export function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

/**
 * Makes chunks of a stream by joining strings: most of each chunk is the same for the whole stream, and
 * JSON.stringify of it would cost more than all else that a token costs here.
 */
export class ChunkWriter {
  readonly #prefix: string
  readonly #suffix: string

  constructor(
    head: AnswerHead & { readonly object: string },
    private readonly includeUsage: boolean,
  ) {
    const { id, object, created, model } = head
    this.#prefix = `data: ${JSON.stringify({ id, object, created, model }).slice(0, -1)},"choices":[`
    // A stream that ends with usage says so in each chunk.
    this.#suffix = `]${includeUsage ? ',"usage":null' : ''}}\n\n`
  }

  /** `content` is what stands between the index and the finish reason, as JSON. */
  chunk(choice: number, content: string, finishReason: string | null): string {
    const finish = finishReason === null ? 'null' : `"${finishReason}"`
    return `${this.#prefix}{"index":${choice},${content},"finish_reason":${finish}}${this.#suffix}`
  }

  /** Comes last, with no choices; not at all unless it was asked for, as some clients fall over it. */
  usage(usage: unknown): string {
    return this.includeUsage ? `${this.#prefix}],"usage":${JSON.stringify(usage)}}\n\n` : ''
  }
}
