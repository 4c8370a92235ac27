import type { ChoiceEnd, Collected, TokensEvent } from '../../engine/index.ts'
import type { Told } from '../fields/told.ts'
import { type AnswerHead, type AnswerShape, DONE_FRAME } from './answer-shape.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { chatLogprobs } from './logprobs.ts'
import type { Progress } from './progress.ts'
import { stopReason, stopReasonText } from './stop-reason.ts'
import { timingsOf } from './timings.ts'
import { usageOf } from './usage.ts'

/** `chat.completion` and `chat.completion.chunk`. */
export class ChatShape implements AnswerShape {
  readonly farewell = DONE_FRAME
  #chunkWriter: ChunkWriter | undefined

  constructor(
    private readonly head: AnswerHead,
    private readonly told: Told,
  ) {}

  /** Most answers are whole. */
  get #chunks(): ChunkWriter {
    this.#chunkWriter ??= new ChunkWriter({ ...this.head, object: 'chat.completion.chunk' }, this.told)
    return this.#chunkWriter
  }

  whole(answers: readonly Collected[], prompts: readonly Progress[]) {
    const { id, created, model } = this.head
    const { timings, tokenIds } = this.told
    const choices = answers.flatMap(({ choices, done }) =>
      choices.map(({ text, ids, logprobs }, i) => ({
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: logprobs ? chatLogprobs(logprobs) : null,
        finish_reason: done.choices[i]!.finishReason,
        ...stopReason(done.choices[i]!),
        ...(tokenIds && { token_ids: ids }),
      })),
    )
    return {
      id,
      object: 'chat.completion',
      created,
      model,
      choices: choices.map((choice, index) => ({ index, ...choice })),
      usage: usageOf(prompts),
      ...(tokenIds && { prompt_token_ids: prompts[0]!.prompt }),
      ...(timings !== 'never' && { timings: timingsOf(prompts) }),
    }
  }

  opening(choice: number, prompts: readonly Progress[]): string {
    const ids = this.told.tokenIds ? `,"prompt_token_ids":${JSON.stringify(prompts[0]!.prompt)}` : ''
    return this.#chunks.chunk(choice, '"delta":{"role":"assistant","content":""},"logprobs":null', null, prompts, ids)
  }

  tokens(choice: number, { ids, text, logprobs }: TokensEvent, prompts: readonly Progress[]): string {
    const { tokenIds } = this.told
    if (text === '' && !logprobs && !tokenIds) return ''
    const likelihoods = logprobs ? JSON.stringify(chatLogprobs(logprobs)) : 'null'
    const content = `"delta":{"content":${JSON.stringify(text)}},"logprobs":${likelihoods}`
    return this.#chunks.chunk(choice, tokenIds ? `${content},"token_ids":[${ids}]` : content, null, prompts)
  }

  ending(choice: number, end: ChoiceEnd, prompts: readonly Progress[]): string {
    return this.#chunks.chunk(choice, `"delta":{},"logprobs":null${stopReasonText(end)}`, end.finishReason, prompts)
  }

  closing(prompts: readonly Progress[]): string {
    return this.#chunks.usage(prompts)
  }
}
