import { type Input, InvalidRequestError, UnsupportedError } from '../engine/index.ts'
import type { ChatTemplate, Tokenizer } from '../formats/index.ts'

/** Every kind of input → token ids, by the model's own tokenizer and template. */
export class PromptEncoder {
  constructor(
    readonly tokenizer: Tokenizer,
    readonly template: ChatTemplate | undefined,
  ) {}

  encode(input: Input): readonly number[] {
    if ('tokens' in input) return input.tokens
    if ('text' in input) return this.tokenizer.encode(input.text)
    if (this.template === undefined) {
      throw new UnsupportedError('this model has no chat template: send a plain prompt instead of messages', 'messages')
    }
    // A template writes the tokenizer's own prefix itself.
    return this.tokenizer.encode(this.#render(this.template, input), { addSpecial: false })
  }

  decode(ids: readonly number[]): string {
    return this.tokenizer.decode(ids)
  }

  /** Templates refuse what their model was not taught, e.g. two user turns in a row: the caller's mistake, in its words. */
  #render(template: ChatTemplate, input: Extract<Input, { messages: unknown }>): string {
    try {
      return template.render(input.messages, {
        addGenerationPrompt: true,
        ...(input.templateOptions === undefined ? {} : { variables: input.templateOptions }),
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new InvalidRequestError(`the chat template refused the messages: ${reason}`, 'messages', { cause: error })
    }
  }
}
