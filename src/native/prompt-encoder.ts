import {
  type Input,
  InternalError,
  InvalidRequestError,
  type MessagesInput,
  type TokenizeOptions,
  UnsupportedError,
} from '../engine/index.ts'
import { type ChatTemplate, FormatError, RefusedChatError, type Tokenizer } from '../formats/index.ts'

/** Every kind of input → token ids, by the model's own tokenizer and template. */
export class PromptEncoder {
  constructor(
    readonly tokenizer: Tokenizer,
    readonly template: ChatTemplate | undefined,
  ) {}

  /** @throws TooManyTokensError where a text or a chat has more than `limit` */
  encode(input: Input, options: TokenizeOptions = {}): readonly number[] {
    if ('tokens' in input) return input.tokens
    if ('text' in input)
      return this.tokenizer.encode(input.text, { ...options, addSpecial: input.addSpecialTokens ?? true })
    // A template writes the tokenizer's own prefix itself.
    return this.tokenizer.encode(this.render(input), { ...options, addSpecial: false })
  }

  /** A template may refuse what its model was not taught, e.g. two user turns in a row: in its own words. */
  render({ messages, templateOptions }: MessagesInput): string {
    if (this.template === undefined) {
      throw new UnsupportedError(
        'this model has no chat template: send a plain prompt instead of messages',
        'input.messages',
      )
    }
    try {
      return this.template.render(messages, {
        addGenerationPrompt: true,
        ...(templateOptions && { variables: templateOptions }),
      })
    } catch (error) {
      if (error instanceof RefusedChatError)
        throw new InvalidRequestError(error.message, 'input.messages', { cause: error })
      if (error instanceof FormatError) throw new InternalError(error.message, { cause: error })
      throw error
    }
  }

  decode(ids: readonly number[]): string {
    return this.tokenizer.decode(ids, { skipSpecial: false })
  }
}
