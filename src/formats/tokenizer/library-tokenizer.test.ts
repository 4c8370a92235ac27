import { join } from 'node:path'
import { Tokenizer as Library } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { readDecoder } from './decoder.ts'
import { FastTokenizer } from './fast-tokenizer.ts'
import { LibraryTokenizer } from './library-tokenizer.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import { readNormalizer } from './normalizer.ts'
import { readPostProcessor } from './post-processor.ts'
import { expected, fixture, folder, TOKENIZERS } from './testing.ts'
import { readTokenizerConfig } from './tokenizer-config.ts'
import { readTokenizerFile } from './tokenizer-file.ts'
import { TooManyTokensError } from './too-many-tokens.ts'
import { Vocabulary } from './vocabulary.ts'

/**
 * What the library takes for an added token, against transformers: a stretch between added tokens that the normalizer
 * makes to read as one, be it spaces (`▁▁` in Gemma) or what is left of `<pad><pad>` in Llama 2.
 */
const READS_AS_TOKEN = /(?:^|[\n>\]▁]) +(?:$|[\n<[▁])|<pad>/
/** Long s and the Kelvin sign, which `(?i:'s)` and the like match too; the library folds ASCII alone. */
const FOLDED = /[\u017f\u212a]/

describe.each(TOKENIZERS)('%s', name => {
  it('gives by the fast path what the library gives', () => {
    const file = readTokenizerFile(join(fixture(name), 'tokenizer.json'))
    const vocabulary = new Vocabulary(file, readTokenizerConfig(fixture(name)), readNormalizer(file.normalizer))
    const frame = readPostProcessor(file.postProcessor)
    const parts = { vocabulary, frame, decoder: readDecoder(file.decoder), bosId: undefined, eosId: undefined }
    const [fast, library] = [new FastTokenizer(file, parts), new LibraryTokenizer(file.root, parts)]

    const words = expected(name).strings.flatMap(({ text }) => text.split(/(?<=\s)/))
    const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary' })), { maxLength: 20 })
    fc.assert(
      fc.property(text, fc.boolean(), (pieces, parseSpecial) => {
        const whole = pieces.join('')
        fc.pre(!READS_AS_TOKEN.test(whole) && !FOLDED.test(whole))
        expect(fast.encode(whole, { parseSpecial })).toEqual(library.encode(whole, { parseSpecial }))
      }),
      { numRuns: 150 },
    )
  })
})

const NOTHING = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] }
const SPECIAL = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }

const WORD_PIECE = {
  ...NOTHING,
  added_tokens: ['[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({ ...SPECIAL, id, content })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, loom: 3, '##s': 4, the: 5, ',': 6, '##ing': 7, weav: 8 },
  },
}

const METASPACE = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }
const UNIGRAM = {
  ...NOTHING,
  pre_tokenizer: METASPACE,
  decoder: METASPACE,
  model: {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁', -2],
      ['▁the', -1],
      ['loom', -1.5],
      ['s', -3],
      ['▁loom', -1.2],
      ['t', -4],
      ['h', -4],
      ['e', -4],
    ],
  },
}

describe('kinds that the library reads', () => {
  // Computed with tokenizers 0.23.2.
  it.each<[string, object, string, number[], string]>([
    ['WordPiece', WORD_PIECE, 'The looms, weaving', [1, 5, 3, 4, 6, 8, 7, 2], 'the looms , weaving'],
    ['WordPiece', WORD_PIECE, 'x [SEP] loom', [1, 0, 2, 3, 2], 'loom'],
    ['WordPiece', WORD_PIECE, '', [1, 2], ''],
    ['Unigram', UNIGRAM, 'the looms', [2, 5, 4], 'the looms'],
    ['Unigram', UNIGRAM, 'the  loom', [2, 1, 5], 'the  loom'],
    ['Unigram', UNIGRAM, '', [], ''],
  ])('%s', async (_, file, text, ids, decoded) => {
    using directory = folder({ 'tokenizer.json': file })
    const tokenizer = await loadTokenizer(directory.path)
    expect(tokenizer).toBeInstanceOf(LibraryTokenizer)
    expect(tokenizer.encode(text)).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(decoded)
  })

  it.each<[string, object]>([
    ['WordPiece', WORD_PIECE],
    ['Unigram', UNIGRAM],
  ])('%s reads only as much of a long text as tells that it is too long', async (_, file) => {
    using directory = folder({ 'tokenizer.json': file })
    const tokenizer = await loadTokenizer(directory.path)
    const encode = vi.spyOn(Library.prototype, 'encode')
    const fits = 'the  loom '.repeat(4000)
    const ids = tokenizer.encode(fits)
    expect(tokenizer.encode(fits, { limit: ids.length })).toEqual(ids)
    encode.mockClear()
    expect(() => tokenizer.encode('the  loom '.repeat(100_000), { limit: 4000 })).toThrow(TooManyTokensError)
    expect(encode.mock.calls.reduce((sum: number, call: unknown[]) => sum + String(call[0]).length, 0)).toBeLessThan(
      50_000,
    )
    encode.mockRestore()
  })

  it('spells tokens out', async () => {
    using directory = folder({ 'tokenizer.json': WORD_PIECE })
    const tokenizer = await loadTokenizer(directory.path)
    expect([1, 3, 4].map(id => Buffer.from(tokenizer.tokenBytes(id)).toString())).toEqual(['[CLS]', ' loom', 's'])
  })
})
