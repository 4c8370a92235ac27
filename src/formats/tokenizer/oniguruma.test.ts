import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Json } from '../json.ts'
import { JsonFields } from '../json-fields.ts'
import { toRegExp, UnknownPart } from './oniguruma.ts'
import { readPreTokenizer } from './pre-tokenizer.ts'
import { FIXTURES } from './testing.ts'

const families = JSON.parse(readFileSync(join(FIXTURES, 'pre-tokenizers.json'), 'utf8')) as Record<
  string,
  { patterns: string[]; cuts: [string, string[]][] }
>

describe('patterns of the families', () => {
  it.each(Object.entries(families))(
    '%s cut every hard string as huggingface/tokenizers does',
    (_, { patterns, cuts }) => {
      const splits = patterns.map(Regex => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false }))
      const gpt2 = { type: 'ByteLevel', add_prefix_space: false, use_regex: true }
      const json: Json = splits.length > 0 ? { type: 'Sequence', pretokenizers: splits } : gpt2
      const { split } = readPreTokenizer(JsonFields.of('tokenizer.json', json))
      for (const [text, pieces] of cuts) {
        const words: string[] = []
        if (text !== '') split(text, true, word => words.push(word))
        expect(words, JSON.stringify(text)).toEqual(pieces)
      }
    },
  )
})

describe('toRegExp', () => {
  it.each([
    ["(?i:'s|K)x", "(?:'[sS\u017f]|[kK\u212a])x"],
    ['a(?i)b(?:c)|d', 'a[bB](?:[cC])|[dD]'],
    ['(?:(?i)a)b', '(?:[aA])b'],
    ['\\s+(?!\\S)', '\\p{White_Space}+(?!\\P{White_Space})'],
    ['[^\\s\\p{L}]++', '(?:(?=(?<atomic0>[^\\p{White_Space}\\p{L}]+))\\k<atomic0>)'],
    ['(?>a|ab)c', '(?:(?=(?<atomic0>a|ab))\\k<atomic0>)c'],
    ['\\p{Han}\\p{^L}\\P{^L}', '\\p{Script=Han}\\P{L}\\p{L}'],
    ['a{,3}b{2,}c{4}', 'a{0,3}b{2,}c{4}'],
    ['^.$', '(?<![^\\n])[^\\n](?![^\\n])'],
    ['[!"#\\-/\\]]\\-\\"\\!', '[!"#\\-\\/\\]]-"!'],
    ['\\x{1F642}\\x41\\u0042', '\\u{1F642}\\x41\\u0042'],
    ['(a)(?<n>b)', '(?:a)(?<n>b)'],
    ['}{]', '\\}\\{\\]'],
  ])('translates %s', (pattern, source) => {
    expect(toRegExp(pattern).source).toBe(source)
  })

  it.each([
    ['a nested class', '[a[bc]]'],
    ['an intersection', '[a&&b]'],
    ['a repeat of a repeat', 'a{1,3}+'],
    ['a back-reference', '(a)\\1'],
    ['a conditional', '(?(1)a|b)'],
    ['an open group', '(a'],
    ['an open class', '[a'],
    ['a stray end', 'a)'],
    ['a quantifier of nothing', '*a'],
    ['a backslash at the end', 'a\\'],
    ['an unknown property', '\\p{Loom}'],
    ['a class that ignores case', '(?i:[a-z])'],
    ['a letter beyond ASCII that ignores case', '(?i:é)'],
    ['an escape of its own', '\\K'],
  ])('leaves %s to the library', (_, pattern) => {
    expect(() => toRegExp(pattern)).toThrow(UnknownPart)
  })
})
