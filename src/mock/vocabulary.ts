import { mix } from './hash.ts'

const SYLLABLES = Array.from('bdfghjklmnprstvz', consonant => Array.from('aeiou', vowel => consonant + vowel)).flat()
const WORD = /^(?:[bdfghjklmnprstvz][aeiou])+$/

/**
 * A tokenizer without files: every id is a word of syllables, ` ba` to ` zuzu…`, with its space before it.
 *
 * Ids to text and back gives the same ids. Foreign text costs one token for each four characters of a word, about
 * what a real tokenizer makes of English; which words of this vocabulary they become is fixed but means nothing.
 */
export class Vocabulary {
  readonly #texts: (string | undefined)[] = []

  constructor(readonly size: number) {}

  /** Bijective numeration in base 80, the syllables being the digits: each id has one word, each word one id. */
  text(id: number): string {
    const known = this.#texts[id]
    if (known !== undefined) return known
    let word = ''
    for (let n = id + 1; n > 0; n = Math.floor(n / SYLLABLES.length)) {
      n--
      word = SYLLABLES[n % SYLLABLES.length]! + word
    }
    this.#texts[id] = ` ${word}`
    return ` ${word}`
  }

  tokenize(text: string): number[] {
    const ids: number[] = []
    for (const [word] of text.matchAll(/\S+/g)) {
      const own = this.#idOf(word)
      if (own !== undefined) ids.push(own)
      else for (const [piece] of word.matchAll(/.{1,4}/gsu)) ids.push(this.#foreign(piece))
    }
    if (ids.length === 0 && text !== '') ids.push(this.#foreign(text))
    return ids
  }

  detokenize(ids: readonly number[]): string {
    return ids.map(id => this.text(id)).join('')
  }

  #idOf(word: string): number | undefined {
    if (word.length > 16 || !WORD.test(word)) return undefined
    let n = 0
    for (let i = 0; i < word.length; i += 2) n = n * SYLLABLES.length + SYLLABLES.indexOf(word.slice(i, i + 2)) + 1
    return n <= this.size ? n - 1 : undefined
  }

  #foreign(piece: string): number {
    let h = 0
    for (let i = 0; i < piece.length; i++) h = mix(h, piece.charCodeAt(i))
    return (h >>> 0) % this.size
  }
}
