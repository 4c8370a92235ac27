export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Left out by `skipSpecial`, and text as any other unless `parseSpecial`. */
  readonly special: boolean
  /** Looked for after the normalizer, and its content normalized as well. */
  readonly normalized: boolean
  /** Only where no word character touches it. */
  readonly singleWord: boolean
  /** Takes the white space before it along. */
  readonly lstrip: boolean
  /** …and after it. */
  readonly rstrip: boolean
}

/** A stretch of text: of one added token, or of none. */
export interface Section {
  readonly start: number
  readonly end: number
  readonly token: AddedToken | undefined
}

interface Node {
  readonly next: Map<number, Node>
  token: AddedToken | undefined
}

const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u
const WORD_AFTER = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u
const SPACE = /\p{White_Space}/u

/** Finds added tokens in a text: leftmost, and of those that begin there the longest. */
export class AddedTokens {
  readonly #root: Node = { next: new Map(), token: undefined }
  /** Which UTF-16 units some token begins with: most of a text is passed over by this alone. */
  readonly #begins = new Uint8Array(0x10000)

  constructor(tokens: Iterable<readonly [pattern: string, token: AddedToken]>) {
    for (const [pattern, token] of tokens) {
      if (pattern === '') continue
      let node = this.#root
      for (let i = 0; i < pattern.length; i++) {
        const unit = pattern.charCodeAt(i)
        const next: Node = node.next.get(unit) ?? { next: new Map(), token: undefined }
        node.next.set(unit, next)
        node = next
      }
      node.token ??= token
      this.#begins[pattern.charCodeAt(0)] = 1
    }
  }

  /** As huggingface/tokenizers has it, `AddedVocabulary::find_matches`. */
  *split(text: string, parseSpecial: boolean): Generator<Section> {
    let done = 0
    for (let at = 0; at < text.length; ) {
      const found = this.#begins[text.charCodeAt(at)] === 1 ? this.#longest(text, at) : undefined
      if (found === undefined) {
        at++
        continue
      }
      const { token } = found
      let [start, end] = [at, found.end]
      at = end
      if (token.special && !parseSpecial) continue
      if (token.singleWord && touchesWord(text, start, end)) continue
      if (token.lstrip) while (start > done && SPACE.test(text[start - 1]!)) start--
      if (token.rstrip) while (end < text.length && SPACE.test(text[end]!)) end++
      if (start > done) yield { start: done, end: start, token: undefined }
      yield { start, end, token }
      done = at = end
    }
    if (done < text.length) yield { start: done, end: text.length, token: undefined }
  }

  #longest(text: string, start: number): { token: AddedToken; end: number } | undefined {
    let found: { token: AddedToken; end: number } | undefined
    let node: Node | undefined = this.#root
    for (let at = start; at < text.length; at++) {
      node = node.next.get(text.charCodeAt(at))
      if (node === undefined) break
      if (node.token !== undefined) found = { token: node.token, end: at + 1 }
    }
    return found
  }
}

/** Two units on either side hold a whole character. */
function touchesWord(text: string, start: number, end: number): boolean {
  return WORD_BEFORE.test(text.slice(Math.max(0, start - 2), start)) || WORD_AFTER.test(text.slice(end, end + 2))
}
