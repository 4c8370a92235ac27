import type { ChoiceEnd, Collected, TokensEvent } from '../../engine/index.ts'
import type { Told } from '../fields/told.ts'
import { type AnswerHead, type AnswerShape, DONE_FRAME } from './answer-shape.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { completionLogprobs, lengthOf } from './logprobs.ts'
import type { Progress } from './progress.ts'
import { stopReason, stopReasonText } from './stop-reason.ts'
import { timingsOf } from './timings.ts'
import { usageOf } from './usage.ts'

/** `text_completion`, whole and in chunks. */
export class CompletionShape implements AnswerShape {
  readonly farewell = DONE_FRAME
  #chunkWriter: ChunkWriter | undefined
  /** Characters of each choice so far; kept where log-probabilities are told, which name offsets. */
  readonly #offsets = new Map<number, number>()

  constructor(
    private readonly head: AnswerHead,
    private readonly told: Told,
    /** Choices of each prompt. */
    private readonly n: number,
  ) {}

  /** Most answers are whole. */
  get #chunks(): ChunkWriter {
    this.#chunkWriter ??= new ChunkWriter({ ...this.head, object: 'text_completion' }, this.told)
    return this.#chunkWriter
  }

  whole(answers: readonly Collected[], prompts: readonly Progress[]) {
    const { id, created, model } = this.head
    const { timings, tokenIds } = this.told
    const choices = answers.flatMap(({ choices, done }, prompt) =>
      choices.map(({ text, ids, logprobs }, i) => ({
        text,
        logprobs: logprobs ? completionLogprobs(logprobs, 0) : null,
        finish_reason: done.choices[i]!.finishReason,
        ...stopReason(done.choices[i]!),
        ...(tokenIds && { token_ids: ids, prompt_token_ids: prompts[prompt]!.prompt }),
      })),
    )
    return {
      id,
      object: 'text_completion',
      created,
      model,
      choices: choices.map((choice, index) => ({ index, ...choice })),
      usage: usageOf(prompts),
      ...(timings !== 'never' && { timings: timingsOf(prompts) }),
    }
  }

  opening(choice: number, prompts: readonly Progress[]): string {
    if (!this.told.tokenIds) return ''
    const ids = JSON.stringify(prompts[Math.floor(choice / this.n)]!.prompt)
    const content = `"text":"","logprobs":null,"token_ids":[],"prompt_token_ids":${ids}`
    return this.#chunks.chunk(choice, content, null, prompts)
  }

  tokens(choice: number, { ids, text, logprobs }: TokensEvent, prompts: readonly Progress[]): string {
    const { tokenIds } = this.told
    if (text === '' && !logprobs && !tokenIds) return ''
    let likelihoods = 'null'
    if (logprobs) {
      const offset = this.#offsets.get(choice) ?? 0
      likelihoods = JSON.stringify(completionLogprobs(logprobs, offset))
      this.#offsets.set(choice, offset + lengthOf(text))
    }
    const content = `"text":${JSON.stringify(text)},"logprobs":${likelihoods}`
    return this.#chunks.chunk(choice, tokenIds ? `${content},"token_ids":[${ids}]` : content, null, prompts)
  }

  ending(choice: number, end: ChoiceEnd, prompts: readonly Progress[]): string {
    return this.#chunks.chunk(choice, `"text":"","logprobs":null${stopReasonText(end)}`, end.finishReason, prompts)
  }

  closing(prompts: readonly Progress[]): string {
    return this.#chunks.usage(prompts)
  }
}
