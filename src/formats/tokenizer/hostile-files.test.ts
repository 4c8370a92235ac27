import { describe, expect, it } from 'vitest'
import { FormatError } from '../errors.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import { bytesOnly, folder } from './testing.ts'

const file = bytesOnly()
const model = file.model as { vocab: Record<string, number> }
const withModel = (change: Record<string, unknown>) => ({
  'tokenizer.json': { ...file, model: { ...model, type: 'BPE', ...change } },
})
const withVocab = (more: Record<string, unknown>) => withModel({ vocab: { ...model.vocab, ...more } })
const withPart = (part: string, value: unknown) => ({ 'tokenizer.json': { ...file, [part]: value } })
const withConfig = (config: unknown) => ({ 'tokenizer.json': file, 'tokenizer_config.json': config })
const added = (token: Record<string, unknown>) =>
  withPart('added_tokens', [{ id: 256, content: 'x', special: true, ...token }])
const split = (Regex: unknown) =>
  withPart('pre_tokenizer', { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false })
const nested = (depth: number) => `${'{"model":'.repeat(depth)}1${'}'.repeat(depth)}`

describe('a file that is not what it says', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['missing', {}, /tokenizer\.json: there is no such file$/],
    ['empty', { 'tokenizer.json': '' }, /is not strict JSON at line 1, column 1/],
    ['not JSON', { 'tokenizer.json': '{"model": oops}' }, /is not strict JSON at line 1, column 11/],
    ['a list', { 'tokenizer.json': [] }, /the file is not an object$/],
    ['absurdly nested', { 'tokenizer.json': nested(100_000) }, /nested more than 32 deep$/],
    ['a key twice', { 'tokenizer.json': '{"model": 1, "model": 2}' }, /the key "model" comes twice$/],
    ['no model', { 'tokenizer.json': {} }, /"model" is missing$/],
    ['a model that is a number', { 'tokenizer.json': { model: 7 } }, /"model" is not an object$/],
    [
      'an unknown model',
      withModel({ type: 'Loom' }),
      /holds a tokenizer of a kind that is not known: "the model Loom"$/,
    ],
    ['WordLevel, which the library takes for another', withModel({ type: 'WordLevel' }), /"the model WordLevel"$/],
    ['no vocabulary', withModel({ vocab: null }), /"model\.vocab" is missing$/],
    ['a vocabulary that is a string', withModel({ vocab: 'abc' }), /"model\.vocab" is not an object$/],
    ['an empty vocabulary', withModel({ vocab: {} }), /holds no tokens$/],
    [
      'a negative id',
      withVocab({ x1: -1 }),
      /"model\.vocab" gives "x1" an id that is not a whole number from 0 to 4194303$/,
    ],
    ['a huge id', withVocab({ x1: 4e9 }), /gives "x1" an id that is not/],
    ['a fraction of an id', withVocab({ x1: 1.5 }), /gives "x1" an id that is not/],
    ['an id in words', withVocab({ x1: '7' }), /gives "x1" an id that is not/],
    ['an id twice', withVocab({ x1: 1 }), /"model\.vocab" gives both ".*" and ".*" the id 1$/],
    ['a token of a megabyte', withVocab({ ['y'.repeat(1 << 20)]: 300 }), /has a token of more than 4096 characters$/],
    ['a line break in a name', withVocab({ 'a\nb\u2028': -1 }), /gives "a\\nb\\u2028" an id/],
    ['no merges at all', withModel({ merges: null }), /holds a tokenizer of a kind/],
    ['merges that are no list', withModel({ merges: {} }), /"model\.merges" is not a list$/],
    ['a merge of one', withModel({ merges: ['a'] }), /"model\.merges\[0\]" is not a pair of tokens$/],
    ['a merge of three', withModel({ merges: [['a', 'b', 'c']] }), /"model\.merges\[0\]" is not a pair of tokens$/],
    ['a merge of numbers', withModel({ merges: [[1, 2]] }), /"model\.merges\[0\]" is not a pair of tokens$/],
    [
      'a merge of unknown tokens',
      withModel({ merges: [['a', 'qqq']] }),
      /needs the token "aqqq", which the vocabulary lacks$/,
    ],
    [
      'a merge into an unknown token',
      withModel({ merges: ['a b'] }),
      /needs the token "ab", which the vocabulary lacks$/,
    ],
    [
      'a flag that is none',
      withModel({ merges: [], ignore_merges: 3 }),
      /"model\.ignore_merges" is 3, not true or false$/,
    ],
    ['added tokens that are no list', withPart('added_tokens', 5), /"added_tokens" is not a list$/],
    ['an added token that is a number', withPart('added_tokens', [5]), /"added_tokens\[0\]" is not an object$/],
    ['an added token without text', added({ content: null }), /"added_tokens\[0\]\.content" is missing$/],
    ['an added token with a negative id', added({ id: -2 }), /"added_tokens\[0\]\.id" is -2, outside 0 … 4194303$/],
    ['an added token with a huge id', added({ id: 2 ** 31 }), /"added_tokens\[0\]\.id" is 2147483648, outside/],
    [
      "an added token on another one's id",
      added({ id: 5 }),
      /"added_tokens\[0\]\.id" is 5, which the token ".*" has already$/,
    ],
    ['a normalizer without a type', withPart('normalizer', {}), /"normalizer\.type" is missing$/],
    ['an unknown normalizer', withPart('normalizer', { type: 'Loom' }), /not known: "Unknown Normalizer type: Loom"$/],
    [
      'an unknown pre-tokenizer',
      withPart('pre_tokenizer', { type: 'Loom' }),
      /not known: "Unknown PreTokenizer type: Loom"$/,
    ],
    [
      'an unknown post-processor',
      withPart('post_processor', { type: 'Loom' }),
      /not known: "the post-processor Loom"$/,
    ],
    ['an unknown decoder', withPart('decoder', { type: 'Loom' }), /not known: "the decoder Loom"$/],
    ['a decoder that is a string', withPart('decoder', 'ByteLevel'), /"decoder" is not an object$/],
    ['a sequence of nothing', withPart('normalizer', { type: 'Sequence' }), /"normalizer\.normalizers" is not a list$/],
    [
      'a template without a place',
      withPart('post_processor', { type: 'TemplateProcessing', single: [] }),
      /has no place for the text$/,
    ],
    [
      'a template with a stranger',
      withPart('post_processor', { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'constructor' } }] }),
      /names a token that "special_tokens" lacks$/,
    ],
    [
      'a template that adds what there is not',
      withPart('post_processor', {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: 'B' } }, { Sequence: { id: 'A' } }],
        special_tokens: { B: { ids: [9999] } },
      }),
      /the post-processor adds the token 9999, which the vocabulary lacks$/,
    ],
    ['a pattern that is a number', split(5), /a pattern is not a string$/],
    [
      'a pattern that could take for ever',
      split('(a+)+$'),
      /the pattern "\(a\+\)\+\$" repeats a group that repeats something itself/,
    ],
    ['another', split('(?:x|(?:[ab]*c?)){2,}'), /repeats a group that repeats something itself/],
    ['a pattern as long as a book', split('a'.repeat(5000)), /has more than 4096 characters$/],
    ['a pattern of many groups', split('('.repeat(100)), /nests groups more than 32 deep$/],
    ['a pattern that is none', split('(a'), /holds a tokenizer of a kind that is not known/],
    ['a config that is not JSON', withConfig('{'), /tokenizer_config\.json: is not strict JSON/],
    ['a config that is a list', withConfig([]), /tokenizer_config\.json: the file is not an object$/],
    [
      'a BOS token that is a number',
      withConfig({ bos_token: 7 }),
      /tokenizer_config\.json: "bos_token" is not an object$/,
    ],
    ['a BOS token without text', withConfig({ bos_token: {} }), /"bos_token\.content" is missing$/],
    [
      'an added id that is none',
      withConfig({ added_tokens_decoder: { __proto: {} } }),
      /"added_tokens_decoder\.__proto" is no id/,
    ],
    ['an added id that is huge', withConfig({ added_tokens_decoder: { 99999999: {} } }), /is no id from 0 to 4194303$/],
    [
      'a config of a few megabytes',
      withConfig({ x: 'y'.repeat(5 << 20) }),
      /tokenizer_config\.json: has \d+ bytes; at most/,
    ],
    [
      'ids that are none',
      { ...withConfig({}), 'generation_config.json': { eos_token_id: 'x' } },
      /generation_config\.json: "eos_token_id" is/,
    ],
  ])('is refused: %s', async (_, files, message) => {
    using directory = folder(files)
    const error = await loadTokenizer(directory.path).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(FormatError)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toMatch(/[\n\r\u2028]/)
    expect((error as Error).message.length).toBeLessThan(600)
  })

  it('may use names that JavaScript knows', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const vocab = JSON.stringify(model.vocab).slice(1)
    const more = names.map((name, i) => `${JSON.stringify(name)}:${256 + i}`).join(',')
    const text = JSON.stringify({ ...file, model: { type: 'BPE', vocab: 'VOCAB', merges: [] } })
    using directory = folder({ 'tokenizer.json': text.replace('"VOCAB"', () => `{${more},${vocab}`) })
    const tokenizer = await loadTokenizer(directory.path)
    expect(names.map(name => tokenizer.tokenId(name))).toEqual([256, 257, 258, 259])
    expect(tokenizer.tokenId('valueOf')).toBeUndefined()
    expect(tokenizer.encode('__proto__', { addSpecial: false })).toHaveLength(9)
  })
})

it('cuts a text by a pattern that matches nothing, pairs of surrogates included, and comes to its end', async () => {
  using directory = folder(split(''))
  const tokenizer = await loadTokenizer(directory.path)
  expect(tokenizer.encode('a🙂🙂b')).toEqual([model.vocab.a, model.vocab.b])
})
