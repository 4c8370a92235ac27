import {
  ContextLengthError,
  type Input,
  InternalError,
  type MessagesInput,
  type TokenizeOptions,
  UnsupportedError,
} from '../engine/index.ts'
import type { Connection } from './connection.ts'
import { errorOfReply, quoted } from './error-of.ts'
import { isObject, type Json, jsonOf, textIn } from './reply.ts'
import type { BodySettings } from './request-body.ts'
import { unreachable } from './unreachable.ts'

/** A server's own tokenizer and chat template, where it has routes for them. */
export class Tokenizer {
  constructor(
    private readonly connection: Connection,
    private readonly settings: BodySettings,
  ) {}

  /** @throws what the server answers, as the contract's errors; UnsupportedError */
  async tokenize(input: Input, { limit = Number.POSITIVE_INFINITY }: TokenizeOptions = {}): Promise<readonly number[]> {
    const { name, fields } = this.settings.dialect
    let tokens: readonly number[]
    if ('tokens' in input) tokens = input.tokens
    else if ('text' in input) tokens = await this.#tokensOf(input.text, input.addSpecialTokens !== false)
    else if (name === 'llama.cpp') tokens = await this.#tokensOf(await this.render(input), true)
    else {
      const { messages, templateOptions } = input
      const options = templateOptions && fields.templateOptions ? { [fields.templateOptions]: templateOptions } : {}
      tokens = listIn(await this.#ask('/tokenize', { ...this.#model, messages, ...options }), 'tokens')
    }
    if (tokens.length > limit) throw new ContextLengthError(tokens.length, this.settings.contextLength ?? limit, false)
    return tokens
  }

  async render({ messages, templateOptions }: MessagesInput): Promise<string> {
    const { llama, fields } = this.settings.dialect
    if (!llama) throw this.#missing('tell what its chat template makes of a chat')
    const options = templateOptions && fields.templateOptions ? { [fields.templateOptions]: templateOptions } : {}
    const text = textIn(await this.#ask('/apply-template', { messages, ...options }), 'prompt')
    if (text === undefined) throw this.#odd('/apply-template')
    return text
  }

  async detokenize(ids: readonly number[]): Promise<string> {
    const reply = await this.#ask('/detokenize', { ...this.#model, tokens: ids })
    const text =
      textIn(reply, this.settings.dialect.tokenize === 'vllm' ? 'prompt' : 'content') ?? textIn(reply, 'text')
    if (text === undefined) throw this.#odd('/detokenize')
    return text
  }

  /** llama.cpp's route takes ids among texts, and tells what each token of all stands for. */
  async pieces(ids: readonly number[]): Promise<readonly Uint8Array[]> {
    if (ids.length === 0) return []
    if (!this.settings.dialect.llama) throw this.#missing('tell the bytes of a token')
    const told = listIn(await this.#ask('/tokenize', { content: ids, with_pieces: true }), 'tokens')
    if (told.length !== ids.length) throw this.#odd('/tokenize')
    return told.map((one: unknown) => {
      const piece = isObject(one) ? one.piece : undefined
      return Array.isArray(piece) ? Uint8Array.from(piece) : Buffer.from(typeof piece === 'string' ? piece : '')
    })
  }

  #tokensOf(text: string, special: boolean): Promise<readonly number[]> {
    const body =
      this.settings.dialect.tokenize === 'vllm'
        ? { ...this.#model, prompt: text, add_special_tokens: special }
        : { content: text, add_special: special }
    return this.#ask('/tokenize', body).then(reply => listIn(reply, 'tokens'))
  }

  get #model(): Json {
    return this.settings.dialect.tokenize === 'vllm' ? { model: this.settings.model } : {}
  }

  async #ask(path: string, body: unknown): Promise<Json> {
    if (this.settings.dialect.tokenize === undefined) throw this.#missing('turn text into tokens')
    const { connection } = this
    const reply = await connection.ask(path, body).catch((error: unknown) => {
      throw unreachable(error, connection)
    })
    if (reply.status === 404 || reply.status === 405) throw this.#missing(`answer ${path}`)
    if (reply.status !== 200) throw errorOfReply(reply, connection)
    const json = jsonOf(reply.text)
    if (json === undefined)
      throw new InternalError(`${connection.text}${path} is no JSON: ${quoted(reply.text, connection)}`)
    return json
  }

  #missing(what: string): UnsupportedError {
    return new UnsupportedError(`${this.connection.text} (${this.settings.dialect.name}) cannot ${what}`)
  }

  #odd(path: string): InternalError {
    return new InternalError(`${this.connection.text}${path} answers without what was asked for`)
  }
}

function listIn(json: Json, key: string): readonly number[] {
  const value = json[key]
  return Array.isArray(value) ? value : []
}
