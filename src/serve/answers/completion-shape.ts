import type { ChoiceEnd, Collected, TokensEvent, Usage } from '../../engine/index.ts'
import { type AnswerHead, type AnswerShape, ChunkWriter } from './answer-shape.ts'
import { completionLogprobs, lengthOf } from './logprobs.ts'
import { usageOf } from './usage.ts'

/** `text_completion`, whole and in chunks. */
export class CompletionShape implements AnswerShape {
  readonly #chunks: ChunkWriter
  /** Characters of each choice so far; kept where log-probabilities are told, which name offsets. */
  readonly #offsets = new Map<number, number>()

  constructor(
    private readonly head: AnswerHead,
    includeUsage: boolean,
  ) {
    this.#chunks = new ChunkWriter({ ...head, object: 'text_completion' }, includeUsage)
  }

  whole(answers: readonly Collected[]) {
    const { id, created, model } = this.head
    const choices = answers.flatMap(({ choices, done }) =>
      choices.map(({ text, logprobs }, i) => ({
        text,
        logprobs: logprobs ? completionLogprobs(logprobs, 0) : null,
        finish_reason: done.choices[i]!.finishReason,
      })),
    )
    return {
      id,
      object: 'text_completion',
      created,
      model,
      choices: choices.map((choice, index) => ({ index, ...choice })),
      usage: usageOf(answers.map(({ done }) => done.usage)),
    }
  }

  opening(): string {
    return ''
  }

  tokens(choice: number, { text, logprobs }: TokensEvent): string {
    if (text === '' && !logprobs) return ''
    let likelihoods = 'null'
    if (logprobs) {
      const offset = this.#offsets.get(choice) ?? 0
      likelihoods = JSON.stringify(completionLogprobs(logprobs, offset))
      this.#offsets.set(choice, offset + lengthOf(text))
    }
    return this.#chunks.chunk(choice, `"text":${JSON.stringify(text)},"logprobs":${likelihoods}`, null)
  }

  ending(choice: number, { finishReason }: ChoiceEnd): string {
    return this.#chunks.chunk(choice, '"text":"","logprobs":null', finishReason)
  }

  usage(usages: readonly Usage[]): string {
    return this.#chunks.usage(usageOf(usages))
  }
}
