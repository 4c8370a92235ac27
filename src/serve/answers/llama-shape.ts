import type { ChoiceEnd, Collected, ResolvedSampling, TokensEvent } from '../../engine/index.ts'
import { type AnswerShape, frame } from './answer-shape.ts'
import { generationSettings } from './generation-settings.ts'
import { llamaProbabilities } from './logprobs.ts'
import { pick } from './pick.ts'
import type { Progress } from './progress.ts'
import { timingsOf } from './timings.ts'

export interface LlamaAsked {
  readonly model: string
  /** Of each prompt, as text; empty where nobody wants to see it. */
  readonly texts: readonly string[]
  readonly sampling: ResolvedSampling
  readonly contextLength: number
  readonly stream: boolean
  readonly returnTokens: boolean
  readonly timingsPerToken: boolean
  /** What of the last event, or of the whole answer, the client wants. Default: all. */
  readonly responseFields: readonly string[] | undefined
}

/** What a choice has said, as far as its end has to tell of it. */
interface Said {
  readonly content: string
  readonly tokens: readonly number[]
  readonly hasNewLine: boolean
}

/** llama.cpp's own shape, of `/completion`: one object for each answer; streamed, its last event is that object. */
export class LlamaShape implements AnswerShape {
  // OpenAI's [DONE] is not expected here.
  readonly farewell = ''
  /** Tokens of each choice of a stream so far. */
  readonly #counts: number[] = []
  readonly #withNewLine = new Set<number>()

  constructor(private readonly asked: LlamaAsked) {}

  whole(answers: readonly Collected[], prompts: readonly Progress[]): unknown {
    const { n } = this.asked.sampling
    const results = answers.flatMap(({ choices, done }, prompt) =>
      choices.map(({ text, ids, logprobs }, i) => {
        const said = { content: text, tokens: this.asked.returnTokens ? ids : [], hasNewLine: text.includes('\n') }
        const result = this.#result(prompt * n + i, done.choices[i]!, said, prompts)
        return logprobs ? { ...result, completion_probabilities: llamaProbabilities(logprobs) } : result
      }),
    )
    const told = results.map(result => this.#told(result))
    return told.length === 1 ? told[0] : told
  }

  opening(): string {
    return ''
  }

  tokens(choice: number, { ids, text, logprobs }: TokensEvent, prompts: readonly Progress[]): string {
    const prompt = this.#promptOf(choice, prompts)
    const count = (this.#counts[choice] ?? 0) + ids.length
    this.#counts[choice] = count
    if (text.includes('\n')) this.#withNewLine.add(choice)
    return frame({
      index: choice,
      content: text,
      tokens: ids,
      stop: false,
      tokens_predicted: count,
      tokens_evaluated: prompt.promptTokens,
      ...(this.asked.timingsPerToken && { timings: timingsOf([prompt], count) }),
      ...(logprobs && { completion_probabilities: llamaProbabilities(logprobs) }),
    })
  }

  ending(choice: number, end: ChoiceEnd, prompts: readonly Progress[]): string {
    const said = { content: '', tokens: [], hasNewLine: this.#withNewLine.has(choice) }
    return frame(this.#told(this.#result(choice, end, said, prompts)))
  }

  closing(): string {
    return ''
  }

  #result(choice: number, end: ChoiceEnd, { content, tokens, hasNewLine }: Said, prompts: readonly Progress[]) {
    const { model, texts, sampling, contextLength, stream, timingsPerToken } = this.asked
    const prompt = this.#promptOf(choice, prompts)
    const { finishReason, stop, completionTokens } = end
    return {
      index: choice,
      content,
      tokens,
      stop: true,
      model,
      tokens_predicted: completionTokens,
      tokens_evaluated: prompt.promptTokens,
      generation_settings: {
        n_ctx: contextLength,
        ...generationSettings(sampling),
        stream,
        timings_per_token: timingsPerToken,
      },
      prompt: texts[Math.floor(choice / sampling.n)] ?? '',
      has_new_line: hasNewLine,
      // It ended early for want of context.
      truncated: finishReason === 'length' && completionTokens < (sampling.maxTokens ?? Number.POSITIVE_INFINITY),
      stop_type: finishReason === 'length' ? 'limit' : typeof stop === 'string' ? 'word' : 'eos',
      stopping_word: typeof stop === 'string' ? stop : '',
      tokens_cached: prompt.cachedTokens,
      timings: timingsOf([prompt], completionTokens),
    }
  }

  #told(result: object): object {
    const { responseFields } = this.asked
    return responseFields === undefined ? result : pick(result, responseFields)
  }

  #promptOf(choice: number, prompts: readonly Progress[]): Progress {
    return prompts[Math.floor(choice / this.asked.sampling.n)]!
  }
}
