import type { AddedToken } from './added-tokens.ts'
import type { Normalizer } from './normalizer.ts'
import type { TokenizerConfig } from './tokenizer-config.ts'
import { putToken, type TokenizerFile } from './tokenizer-file.ts'

/** All tokens, those of the model and those added to it. */
export class Vocabulary {
  readonly added: readonly AddedToken[]
  readonly #model: ReadonlyMap<string, number>
  /** Of added tokens; these win over the model's. */
  readonly #ids = new Map<string, number>()
  readonly #tokens: (string | undefined)[]
  readonly #special = new Set<number>()

  /** `normalize` is the tokenizer's own: a token that is looked for behind it is also decoded as it leaves it. */
  constructor(file: TokenizerFile, config: TokenizerConfig, normalize: Normalizer) {
    this.#model = file.vocabulary
    this.#tokens = [...file.tokens]
    for (const { content, id } of file.added) this.#ids.set(content, id)
    this.added = [...file.added, ...this.#more(config)]
    for (const token of this.added) {
      if (token.special) this.#special.add(token.id)
      if (token.normalized) this.#tokens[token.id] = normalize(token.content)
    }
  }

  /** Tokens that only the config adds. One that the model lacks altogether is taken only where its id is free. */
  #more(config: TokenizerConfig): AddedToken[] {
    const more: AddedToken[] = []
    const add = (token: AddedToken) => {
      this.#ids.set(token.content, token.id)
      more.push(token)
    }
    for (const token of config.added) {
      if (this.#ids.has(token.content)) continue
      const id = this.#model.get(token.content)
      if (id !== undefined) add({ ...token, id })
      else if (this.#tokens[token.id] === undefined) {
        putToken(this.#tokens, token.id, token.content)
        add(token)
      }
    }
    for (const content of config.named) {
      const id = this.#model.get(content)
      if (id === undefined || this.#ids.has(content)) continue
      add({ id, content, special: true, normalized: false, singleWord: false, lstrip: false, rstrip: false })
    }
    return more
  }

  /** The greatest id + 1. */
  get size(): number {
    return this.#tokens.length
  }

  id(token: string): number | undefined {
    return this.#ids.get(token) ?? this.#model.get(token)
  }

  /** As the decoder takes it. */
  token(id: number): string | undefined {
    return this.#tokens[id]
  }

  isSpecial(id: number): boolean {
    return this.#special.has(id)
  }
}
