import { mix } from './hash.ts'

const CONSONANTS = 'bdfghjklmnprstvz'
const VOWELS = 'aeiou'
const SYLLABLES = Array.from(CONSONANTS, consonant => Array.from(VOWELS, vowel => consonant + vowel)).flat()

/** Letter's code − 97 → its place in a syllable's number, −1 where it has none. */
const CONSONANT_OF = places(CONSONANTS)
const VOWEL_OF = places(VOWELS)

/** Longer words are foreign: their ids would be beyond any vocabulary. */
const LONGEST_WORD = 16
/** Characters of a foreign word that make a token. */
const PIECE = 4
/** Words are kept once made, up to this id; those of larger vocabularies are made each time. */
const MOST_KEPT = 65_536

/**
 * A tokenizer without files: every id is a word of syllables, ` ba` to ` zuzu…`, with its space before it.
 *
 * Ids to text and back gives the same ids. Foreign text costs one token for each four characters of a word, about
 * what a real tokenizer makes of English; which words of this vocabulary they become is fixed but means nothing.
 */
export class Vocabulary {
  readonly #texts: (string | undefined)[]

  constructor(readonly size: number) {
    this.#texts = new Array(Math.min(size, MOST_KEPT))
  }

  /** Bijective numeration in base 80, the syllables being the digits: each id has one word, each word one id. */
  text(id: number): string {
    const known = this.#texts[id]
    if (known !== undefined) return known
    let word = ''
    for (let n = id + 1; n > 0; n = Math.floor(n / SYLLABLES.length)) {
      n--
      word = SYLLABLES[n % SYLLABLES.length]! + word
    }
    const text = ` ${word}`
    if (id < this.#texts.length) this.#texts[id] = text
    return text
  }

  /**
   * Reads codes and makes no strings, as every request comes through here. Ends with one id more than `limit`, where
   * there are so many.
   */
  tokenize(text: string, limit = Number.POSITIVE_INFINITY): number[] {
    const ids: number[] = []
    for (let from = 0; from < text.length && ids.length <= limit; from++) {
      if (isSpace(text.charCodeAt(from))) continue
      let to = from + 1
      while (to < text.length && !isSpace(text.charCodeAt(to))) to++
      const own = this.#idOf(text, from, to)
      if (own >= 0) ids.push(own)
      else this.#foreign(text, from, to, ids, limit)
      from = to
    }
    if (ids.length === 0 && text !== '') ids.push(this.#piece(text, 0, text.length))
    return ids
  }

  detokenize(ids: readonly number[]): string {
    return ids.map(id => this.text(id)).join('')
  }

  /** The id of the word in `text[from … to)`; −1 where it has none. */
  #idOf(text: string, from: number, to: number): number {
    if (to - from > LONGEST_WORD || (to - from) % 2 !== 0) return -1
    let n = 0
    for (let i = from; i < to; i += 2) {
      const consonant = CONSONANT_OF[text.charCodeAt(i) - 97] ?? -1
      const vowel = VOWEL_OF[text.charCodeAt(i + 1) - 97] ?? -1
      if (consonant < 0 || vowel < 0) return -1
      n = n * SYLLABLES.length + consonant * VOWELS.length + vowel + 1
    }
    return n <= this.size ? n - 1 : -1
  }

  /** Appends the tokens of a word that is none of this vocabulary's. */
  #foreign(text: string, from: number, to: number, ids: number[], limit: number): void {
    for (let at = from; at < to && ids.length <= limit; ) {
      let end = at
      // A surrogate pair is one character and stays together.
      for (let characters = 0; characters < PIECE && end < to; characters++)
        end += text.codePointAt(end)! > 0xffff ? 2 : 1
      ids.push(this.#piece(text, at, end))
      at = end
    }
  }

  #piece(text: string, from: number, to: number): number {
    let h = 0
    for (let i = from; i < to; i++) h = mix(h, text.charCodeAt(i))
    return (h >>> 0) % this.size
  }
}

/** What `\s` matches. */
function isSpace(code: number): boolean {
  if (code < 128) return code === 32 || (code >= 9 && code <= 13)
  // Past these there is none but the byte order mark.
  if (code < 0x1680 || code > 0x3000) return code === 0xa0 || code === 0xfeff
  return /\s/.test(String.fromCharCode(code))
}

function places(letters: string): Int8Array {
  const table = new Int8Array(26).fill(-1)
  for (const [place, letter] of Array.from(letters).entries()) table[letter.charCodeAt(0) - 97] = place
  return table
}
