/** A part of a tokenizer that the fast path does not know; the library may. */
export class UnknownPart extends Error {}

interface Group {
  /** Where it begins in the output. */
  readonly start: number
  /** Of the text around it. */
  readonly ignoreCase: boolean
  readonly close: string
}

const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}'
/** Escapes that mean something else in JavaScript, or nothing. */
const ESCAPES: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  h: '[0-9A-Fa-f]',
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  b: `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
  a: '\\x07',
  e: '\\x1b',
}
const CLASS_ESCAPES: Readonly<Record<string, string>> = { ...ESCAPES, w: WORD, h: '0-9A-Fa-f' }
/** Letters that fold to an ASCII one beside its other case. */
const FOLDS: Readonly<Record<string, string>> = { s: '\u017f', k: '\u212a' }
/** Lines end at \n alone. */
const SIGNS: Readonly<Record<string, string>> = { '.': '[^\\n]', '^': '(?<![^\\n])', $: '(?![^\\n])' }
const OPENINGS = /\(\?(?:[:=!>]|<[=!]|i:|i\))|\(\?<[A-Za-z]\w*>|\(/y
const QUANTIFIER = /(?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})/y
const CODED = /\\[pP]\{\^?[^{}]*\}|\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}/y

/**
 * Oniguruma's pattern (Ruby syntax, as huggingface/tokenizers runs it) for JavaScript, flags `gu`: white space and
 * digits by Unicode, `(?i:…)` spelled out (Node 20 has no inline flags), possessive and atomic by a lookahead and a
 * back-reference.
 *
 * @throws UnknownPart for what it does not translate
 */
export function toRegExp(pattern: string): RegExp {
  try {
    return new RegExp(new Translator(pattern).translate(), 'gu')
  } catch (cause) {
    throw cause instanceof UnknownPart ? cause : new UnknownPart((cause as Error).message)
  }
}

class Translator {
  #at = 0
  #out = ''
  /** Where the last thing that a quantifier could follow begins in the output. */
  #atom = -1
  #ignoreCase = false
  #names = 0
  readonly #groups: Group[] = []

  constructor(readonly pattern: string) {}

  translate(): string {
    while (this.#at < this.pattern.length) this.#step()
    if (this.#groups.length > 0) throw new UnknownPart('an open group')
    return this.#out
  }

  #step(): void {
    const char = this.#character()
    if (char === '(') this.#open()
    else if (char === ')') this.#close()
    else if (this.#match(QUANTIFIER, false) !== undefined) this.#quantify()
    else if (char === '[') this.#emit(this.#class())
    else if (char === '\\') this.#emit(this.#escape(ESCAPES))
    else {
      this.#at += char.length
      if (char === '|') this.#alternative()
      else this.#emit(Object.hasOwn(SIGNS, char) ? SIGNS[char]! : this.#literal(char))
    }
  }

  #alternative(): void {
    this.#out += '|'
    this.#atom = -1
  }

  #open(): void {
    const opening = this.#match(OPENINGS, true)!
    if (opening === '(' && this.pattern[this.#at] === '?') throw new UnknownPart('a group of another kind')
    const [start, ignoreCase] = [this.#out.length, this.#ignoreCase]
    if (opening.startsWith('(?i')) this.#ignoreCase = true
    // `(?i)` holds to the end of the group that it stands in.
    if (opening === '(?i)') return
    const name = opening === '(?>' ? this.#name() : undefined
    this.#groups.push({ start, ignoreCase, close: name === undefined ? ')' : `))\\k<${name}>)` })
    if (name !== undefined) this.#out += `(?:(?=(?<${name}>`
    else this.#out += opening === '(' || opening === '(?i:' ? '(?:' : opening
    this.#atom = -1
  }

  #close(): void {
    const group = this.#groups.pop()
    if (group === undefined) throw new UnknownPart('a closing parenthesis too many')
    this.#out += group.close
    this.#ignoreCase = group.ignoreCase
    this.#atom = group.start
    this.#at++
  }

  #quantify(): void {
    const quantifier = this.#match(QUANTIFIER, true)!.replace('{,', '{0,')
    if (this.#atom < 0) throw new UnknownPart('a quantifier after nothing')
    const before = this.#out.slice(0, this.#atom)
    const repeated = this.#out.slice(this.#atom) + quantifier
    const sign = this.#match(/[+?]/y, true)
    this.#atom = -1
    // In Ruby's syntax {n,m}+ is a repeat of a repeat, and {n}? is optional.
    if (sign !== undefined && quantifier.startsWith('{')) throw new UnknownPart(`${quantifier}${sign}`)
    if (sign === '+') {
      const name = this.#name()
      this.#out = `${before}(?:(?=(?<${name}>${repeated}))\\k<${name}>)`
    } else this.#out = before + repeated + (sign ?? '')
  }

  #class(): string {
    let inner = this.#match(/\[\^?/y, true)!
    if (this.pattern[this.#at] === ']') throw new UnknownPart('a class that begins with ]')
    while (this.#at < this.pattern.length) {
      const char = this.#character()
      if (char === '[' || this.pattern.startsWith('&&', this.#at)) throw new UnknownPart('a class within a class')
      if (char === '\\') {
        inner += this.#escape(CLASS_ESCAPES)
        continue
      }
      this.#at += char.length
      if (char === ']') return `${inner}]`
      if (this.#ignoreCase && /[-\p{L}]/u.test(char)) throw new UnknownPart('a class that ignores case')
      inner += char.replace(/[\^{}()|/]/, '\\$&')
    }
    throw new UnknownPart('an open class')
  }

  #escape(meanings: Readonly<Record<string, string>>): string {
    const coded = this.#match(CODED, true)
    if (coded !== undefined) return this.#coded(coded)
    const char = this.pattern[this.#at + 1]
    if (char === undefined) throw new UnknownPart('a backslash at the end')
    this.#at += 2
    if ('nrtfv'.includes(char)) return `\\${char}`
    const inClass = meanings === CLASS_ESCAPES
    if (/[\p{L}\p{N}]/u.test(char)) {
      const meaning = Object.hasOwn(meanings, char) ? meanings[char]! : '('
      if (meaning === '(' || (inClass && /^[[(]/.test(meaning))) throw new UnknownPart(`\\${char}`)
      return meaning
    }
    return /[$^\\.*+?()[\]{}|/]/.test(char) || (inClass && char === '-') ? `\\${char}` : char
  }

  /** A property or a character by its number. */
  #coded(text: string): string {
    const [, kind, negation, name] = /^\\([pPx])\{(\^?)(.*)\}$/.exec(text) ?? []
    if (kind === undefined) return text
    if (kind === 'x') return `\\u{${name}}`
    if (this.#ignoreCase) throw new UnknownPart('a property that ignores case')
    const letter = (kind === 'P') !== (negation === '^') ? 'P' : 'p'
    for (const property of [`\\${letter}{${name}}`, `\\${letter}{Script=${name}}`]) {
      try {
        new RegExp(property, 'u')
        return property
      } catch {}
    }
    throw new UnknownPart(text)
  }

  #literal(char: string): string {
    const lower = char.toLowerCase()
    if (!this.#ignoreCase || lower === char.toUpperCase()) return char.replace(/[{}\]/]/, '\\$&')
    if (!/^[a-z]$/.test(lower)) throw new UnknownPart(`${char} ignoring case`)
    return `[${lower}${lower.toUpperCase()}${FOLDS[lower] ?? ''}]`
  }

  #emit(text: string): void {
    this.#atom = this.#out.length
    this.#out += text
  }

  #name(): string {
    return `atomic${this.#names++}`
  }

  #character(): string {
    return String.fromCodePoint(this.pattern.codePointAt(this.#at)!)
  }

  #match(expression: RegExp, consume: boolean): string | undefined {
    expression.lastIndex = this.#at
    const found = expression.exec(this.pattern)?.[0]
    if (found !== undefined && consume) this.#at += found.length
    return found
  }
}
