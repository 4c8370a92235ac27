import type { AddedToken } from './added-tokens.ts'
import type { Normalizer } from './normalizer.ts'
import type { TokenizerConfig } from './tokenizer-config.ts'
import type { TokenizerFile } from './tokenizer-file.ts'

/** All tokens, those of the model and those added to it. */
export class Vocabulary {
  readonly added: readonly AddedToken[]
  readonly #ids: Map<string, number>
  readonly #tokens: (string | undefined)[] = []
  readonly #special = new Set<number>()

  /** `normalize` is the tokenizer's own: a token that is looked for behind it is also decoded as it leaves it. */
  constructor(file: TokenizerFile, config: TokenizerConfig, normalize: Normalizer) {
    this.#ids = new Map(file.vocabulary)
    for (const { content, id } of file.added) this.#ids.set(content, id)
    let size = 0
    for (const id of this.#ids.values()) size = Math.max(size, id + 1)
    for (const { id } of config.added) size = Math.max(size, id + 1)
    this.#tokens = new Array<string | undefined>(size).fill(undefined)
    for (const [token, id] of this.#ids) this.#tokens[id] = token
    this.added = [...file.added, ...this.#more(new Set(file.added.map(token => token.content)), config)]
    for (const token of this.added) {
      if (token.special) this.#special.add(token.id)
      if (token.normalized) this.#tokens[token.id] = normalize(token.content)
    }
    while (this.#tokens.length > 0 && this.#tokens.at(-1) === undefined) this.#tokens.pop()
  }

  /** Tokens that only the config adds. One that the model lacks altogether is taken only where its id is free. */
  #more(known: Set<string>, config: TokenizerConfig): AddedToken[] {
    const more: AddedToken[] = []
    const add = (token: AddedToken) => {
      known.add(token.content)
      more.push(token)
    }
    for (const token of config.added) {
      if (known.has(token.content)) continue
      const id = this.#ids.get(token.content)
      if (id !== undefined) add({ ...token, id })
      else if (this.#tokens[token.id] === undefined) {
        this.#ids.set(token.content, token.id)
        this.#tokens[token.id] = token.content
        add(token)
      }
    }
    for (const content of config.named) {
      const id = this.#ids.get(content)
      if (id === undefined || known.has(content)) continue
      add({ id, content, special: true, normalized: false, singleWord: false, lstrip: false, rstrip: false })
    }
    return more
  }

  /** The greatest id + 1. */
  get size(): number {
    return this.#tokens.length
  }

  id(token: string): number | undefined {
    return this.#ids.get(token)
  }

  /** As the decoder takes it. */
  token(id: number): string | undefined {
    return this.#tokens[id]
  }

  isSpecial(id: number): boolean {
    return this.#special.has(id)
  }
}
