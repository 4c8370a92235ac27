import { type Input, InternalError, InvalidRequestError, UnsupportedError } from '../engine/index.ts'
import { type ChatTemplate, FormatError, RefusedChatError, type Tokenizer } from '../formats/index.ts'

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
      throw new UnsupportedError(
        'this model has no chat template: send a plain prompt instead of messages',
        'input.messages',
      )
    }
    // A template writes the tokenizer's own prefix itself.
    return this.tokenizer.encode(this.#render(this.template, input), { addSpecial: false })
  }

  decode(ids: readonly number[]): string {
    return this.tokenizer.decode(ids, { skipSpecial: false })
  }

  /** A template may refuse what its model was not taught, e.g. two user turns in a row: in its own words. */
  #render(template: ChatTemplate, input: Extract<Input, { messages: unknown }>): string {
    try {
      return template.render(input.messages, {
        addGenerationPrompt: true,
        ...(input.templateOptions === undefined ? {} : { variables: input.templateOptions }),
      })
    } catch (error) {
      if (error instanceof RefusedChatError)
        throw new InvalidRequestError(error.message, 'input.messages', { cause: error })
      if (error instanceof FormatError) throw new InternalError(error.message, { cause: error })
      throw error
    }
  }
}
