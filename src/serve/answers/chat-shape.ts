import type { ChoiceEnd, Collected, TokensEvent, Usage } from '../../engine/index.ts'
import { type AnswerHead, type AnswerShape, ChunkWriter } from './answer-shape.ts'
import { chatLogprobs } from './logprobs.ts'
import { usageOf } from './usage.ts'

/** `chat.completion` and `chat.completion.chunk`. */
export class ChatShape implements AnswerShape {
  readonly #chunks: ChunkWriter

  constructor(
    private readonly head: AnswerHead,
    includeUsage: boolean,
  ) {
    this.#chunks = new ChunkWriter({ ...head, object: 'chat.completion.chunk' }, includeUsage)
  }

  whole(answers: readonly Collected[]) {
    const { id, created, model } = this.head
    const choices = answers.flatMap(({ choices, done }) =>
      choices.map(({ text, logprobs }, i) => ({
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: logprobs ? chatLogprobs(logprobs) : null,
        finish_reason: done.choices[i]!.finishReason,
      })),
    )
    return {
      id,
      object: 'chat.completion',
      created,
      model,
      choices: choices.map((choice, index) => ({ index, ...choice })),
      usage: usageOf(answers.map(({ done }) => done.usage)),
    }
  }

  opening(choice: number): string {
    return this.#chunks.chunk(choice, '"delta":{"role":"assistant","content":""},"logprobs":null', null)
  }

  tokens(choice: number, { text, logprobs }: TokensEvent): string {
    if (text === '' && !logprobs) return ''
    const likelihoods = logprobs ? JSON.stringify(chatLogprobs(logprobs)) : 'null'
    return this.#chunks.chunk(choice, `"delta":{"content":${JSON.stringify(text)}},"logprobs":${likelihoods}`, null)
  }

  ending(choice: number, { finishReason }: ChoiceEnd): string {
    return this.#chunks.chunk(choice, '"delta":{},"logprobs":null', finishReason)
  }

  usage(usages: readonly Usage[]): string {
    return this.#chunks.usage(usageOf(usages))
  }
}
