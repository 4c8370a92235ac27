import type { JsonFields } from '../json-fields.ts'
import { readLiteral, readSteps } from './normalizer.ts'
import { toRegExp, UnknownPart } from './oniguruma.ts'

/** Takes a word; `first` says that it begins where the whole input begins. */
export type Take = (word: string, first: boolean) => void

/** Cuts a text into words, each of which is taken before the next is looked for: a `take` that throws ends the work. */
export type PreTokenizer = (text: string, first: boolean, take: Take) => void

export interface PreTokenization {
  readonly split: PreTokenizer
  /** Words are then spelled in bytes, else in characters. */
  readonly byteLevel: boolean
  /** Not all of a text comes back in its words. */
  readonly drops: boolean
}

/** GPT-2's own, which `ByteLevel` uses where `use_regex` is set. */
const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/** @throws UnknownPart */
export function readPreTokenizer(fields: JsonFields | undefined): PreTokenization {
  const steps = fields === undefined ? [] : flatten(fields)
  const byteLevel = steps.findIndex(step => step.string('type') === 'ByteLevel')
  // What stands behind it would see the bytes' stand-ins.
  if (byteLevel >= 0 && byteLevel !== steps.length - 1) throw new UnknownPart('a pre-tokenizer after ByteLevel')
  const drops = steps.some(step => step.get('behavior') === 'Removed')
  return { split: chain(steps.map(readStep)), byteLevel: byteLevel >= 0, drops }
}

function chain(splits: readonly PreTokenizer[]): PreTokenizer {
  const whole: PreTokenizer = (text, first, take) => take(text, first)
  if (splits.length === 0) return whole
  return splits.reduceRight((inner, outer) => andThen(outer, inner))
}

/** Cuts the words that `outer` makes by `inner`. */
export function andThen(outer: PreTokenizer, inner: PreTokenizer): PreTokenizer {
  return (text, first, take) => outer(text, first, (word, leads) => inner(word, leads, take))
}

function flatten(fields: JsonFields): JsonFields[] {
  return fields.string('type') === 'Sequence' ? readSteps(fields, 'pretokenizers').flatMap(flatten) : [fields]
}

function readStep(fields: JsonFields): PreTokenizer {
  const type = fields.string('type')
  switch (type) {
    case 'Split':
      return readSplit(fields)
    case 'Digits': {
      const digits = fields.boolean('individual_digits', false) ? /\p{N}/gu : /\p{N}+/gu
      return isolating(digits)
    }
    case 'ByteLevel': {
      const words = fields.boolean('use_regex', true) ? isolating(toRegExp(GPT2)) : chain([])
      const lead = fields.boolean('add_prefix_space', true)
      return (text, first, take) => words(lead && !text.startsWith(' ') ? ` ${text}` : text, first, take)
    }
    case 'Metaspace':
      return readMetaspace(fields)
    default:
      throw new UnknownPart(`the pre-tokenizer ${type}`)
  }
}

function readSplit(fields: JsonFields): PreTokenizer {
  const regex = fields.child('pattern')?.get('Regex')
  const behavior = fields.string('behavior')
  if (fields.boolean('invert', false)) throw new UnknownPart('an inverted Split')
  if (typeof regex === 'string') {
    const expression = toRegExp(regex)
    if (behavior === 'Isolated') return isolating(expression)
    if (behavior === 'Removed') return isolating(expression, true)
  } else if (behavior === 'MergedWithPrevious') {
    const literal = readLiteral(fields)
    return (text, first, take) => {
      for (let start = 0; start < text.length; ) {
        const found = text.indexOf(literal, start)
        const end = found < 0 ? text.length : found + literal.length
        take(text.slice(start, end), first && start === 0)
        start = end
      }
    }
  }
  throw new UnknownPart(`a Split that is ${behavior}`)
}

/** Cuts into matches and what lies between them, in order. */
function isolating(expression: RegExp, drop = false): PreTokenizer {
  return (text, first, take) => {
    let leads = first
    const give = (word: string) => {
      take(word, leads)
      leads = false
    }
    let done = 0
    expression.lastIndex = 0
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      const word = match[0]
      if (match.index > done) give(text.slice(done, match.index))
      // Within a pair of surrogates the next match would begin at the pair again, for ever.
      if (word === '') expression.lastIndex = match.index + (text.codePointAt(match.index)! > 0xffff ? 2 : 1)
      else if (!drop) give(word)
      done = match.index + word.length
    }
    if (done < text.length) give(text.slice(done))
  }
}

function readMetaspace(fields: JsonFields): PreTokenizer {
  const mark = readMark(fields)
  const scheme = readScheme(fields)
  const cut = fields.boolean('split', true)
  return (text, first, take) => {
    const marked = text.split(' ').join(mark)
    const lead = (scheme === 'always' || (scheme === 'first' && first)) && !marked.startsWith(mark)
    const whole = lead ? mark + marked : marked
    if (!cut) return take(whole, first)
    for (let start = 0; start < whole.length; ) {
      const found = whole.indexOf(mark, start + 1)
      const end = found < 0 ? whole.length : found
      take(whole.slice(start, end), first && start === 0)
      start = end
    }
  }
}

/** What a `Metaspace` puts for a space. */
export function readMark(fields: JsonFields): string {
  const mark = fields.string('replacement', '▁')
  if (mark.length !== 1) throw new UnknownPart('a Metaspace mark of another length')
  return mark
}

/** When a `Metaspace` puts one in front. Files from before tokenizers 0.15 say `add_prefix_space` instead. */
export function readScheme(fields: JsonFields): string {
  return fields.string('prepend_scheme', fields.boolean('add_prefix_space', true) ? 'always' : 'never')
}
