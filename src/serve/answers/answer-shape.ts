import type { ChoiceEnd, Collected, TokensEvent } from '../../engine/index.ts'
import type { Progress } from './progress.ts'

/** What all answers of one request have in common. */
export interface AnswerHead {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
}

/**
 * How the answer to one request looks; the routes that generate text differ in this alone. `prompts` are those of the
 * request, in order; `choice` counts over all of them.
 */
export interface AnswerShape {
  /** The whole answer: what each prompt gave. */
  whole(answers: readonly Collected[], prompts: readonly Progress[]): unknown
  /** Frames of server-sent events. The empty string: no frame. */
  opening(choice: number, prompts: readonly Progress[]): string
  tokens(choice: number, event: TokensEvent, prompts: readonly Progress[]): string
  ending(choice: number, end: ChoiceEnd, prompts: readonly Progress[]): string
  /** After the last choice has ended. */
  closing(prompts: readonly Progress[]): string
  /** The last of all, after an error too. */
  readonly farewell: string
}

export const DONE_FRAME = 'data: [DONE]\n\n'

export function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
