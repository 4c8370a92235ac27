import type { JsonFields } from '../json-fields.ts'
import { readLiteral, readSteps } from './normalizer.ts'
import { toRegExp, UnknownPart } from './oniguruma.ts'

/** Cuts a text into words; `first` says that the text begins where the whole input begins. */
export type PreTokenizer = (text: string, first: boolean) => readonly string[]

export interface PreTokenization {
  readonly split: PreTokenizer
  /** Words are then spelled in bytes, else in characters. */
  readonly byteLevel: boolean
}

/** GPT-2's own, which `ByteLevel` uses where `use_regex` is set. */
const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/** @throws UnknownPart */
export function readPreTokenizer(fields: JsonFields | undefined): PreTokenization {
  const steps = fields === undefined ? [] : flatten(fields)
  const byteLevel = steps.findIndex(step => step.string('type') === 'ByteLevel')
  // What stands behind it would see the bytes' stand-ins.
  if (byteLevel >= 0 && byteLevel !== steps.length - 1) throw new UnknownPart('a pre-tokenizer after ByteLevel')
  return { split: chain(steps.map(readStep)), byteLevel: byteLevel >= 0 }
}

function chain(splits: readonly PreTokenizer[]): PreTokenizer {
  if (splits.length === 1) return splits[0]!
  return (text, first) =>
    splits.reduce<readonly string[]>(
      (words, split) => words.flatMap((word, i) => split(word, first && i === 0)),
      [text],
    )
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
      return text => isolate(text, digits)
    }
    case 'ByteLevel': {
      const words = fields.boolean('use_regex', true) ? toRegExp(GPT2) : undefined
      const lead = fields.boolean('add_prefix_space', true)
      return text => {
        const spaced = lead && !text.startsWith(' ') ? ` ${text}` : text
        return words === undefined ? [spaced] : isolate(spaced, words)
      }
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
    if (behavior === 'Isolated') return text => isolate(text, expression)
    if (behavior === 'Removed') return text => isolate(text, expression, true)
  } else if (behavior === 'MergedWithPrevious') {
    const literal = readLiteral(fields)
    return text => {
      const parts = text.split(literal)
      return parts.map((part, i) => (i + 1 < parts.length ? part + literal : part)).filter(word => word !== '')
    }
  }
  throw new UnknownPart(`a Split that is ${behavior}`)
}

/** Matches and what lies between them, in order. */
function isolate(text: string, expression: RegExp, drop = false): string[] {
  const words: string[] = []
  let done = 0
  expression.lastIndex = 0
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    const word = match[0]
    if (match.index > done) words.push(text.slice(done, match.index))
    if (word === '') expression.lastIndex++
    else if (!drop) words.push(word)
    done = match.index + word.length
  }
  if (done < text.length) words.push(text.slice(done))
  return words
}

function readMetaspace(fields: JsonFields): PreTokenizer {
  const mark = readMark(fields)
  const scheme = readScheme(fields)
  const cut = fields.boolean('split', true)
  return (text, first) => {
    const marked = text.replaceAll(' ', mark)
    const lead = (scheme === 'always' || (scheme === 'first' && first)) && !marked.startsWith(mark)
    const whole = lead ? mark + marked : marked
    if (!cut) return [whole]
    const words = whole.split(mark).map((word, i) => (i > 0 ? mark + word : word))
    return words.filter(word => word !== '')
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
