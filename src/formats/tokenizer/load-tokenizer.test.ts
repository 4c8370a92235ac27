import { describe, expect, it } from 'vitest'
import { FastTokenizer } from './fast-tokenizer.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import { bytesOnly, expected, fixture, folder, TOKENIZERS } from './testing.ts'

describe.each(TOKENIZERS)('%s, as transformers has it', name => {
  const wanted = expected(name)
  const load = () => loadTokenizer(fixture(name))

  it('takes the fast path and has the same ids for BOS, EOS and the specials', async () => {
    const tokenizer = await load()
    expect(tokenizer).toBeInstanceOf(FastTokenizer)
    expect([tokenizer.bosId ?? null, tokenizer.eosId ?? null, tokenizer.vocabSize]).toEqual([
      wanted.bosId,
      wanted.eosId,
      wanted.vocabSize,
    ])
    const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id)
    expect(ids.filter(id => tokenizer.isSpecial(id))).toEqual(wanted.special)
  })

  it('encodes every hard string: whole, bare, and with special tokens as text', async () => {
    const tokenizer = await load()
    for (const { text, ids, bare = ids, literal = bare } of wanted.strings) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids)
      expect(tokenizer.encode(text, { addSpecial: false }), JSON.stringify(text)).toEqual(bare)
      const plain = tokenizer.encode(text, { addSpecial: false, parseSpecial: false })
      expect(plain, JSON.stringify(text)).toEqual(literal)
    }
  })

  it('decodes them and runs of ids that no text would give', async () => {
    const tokenizer = await load()
    for (const { ids, decoded, skipped = decoded } of [...wanted.strings, ...wanted.ids]) {
      expect(tokenizer.decode(ids, { skipSpecial: false }), String(ids)).toBe(decoded)
      expect(tokenizer.decode(ids), String(ids)).toBe(skipped)
    }
  })

  it('gives bytes that join to the text', async () => {
    const tokenizer = await load()
    const stripped = name === 'spm-llama2' || name === 'spm-mistral'
    for (const { text, bare, ids } of wanted.strings) {
      const bytes = (bare ?? ids).flatMap(id => [...tokenizer.tokenBytes(id)])
      const joined = Buffer.from(bytes).toString()
      // NFC changes the text, ▁ is a space, and a text may begin with one that was added.
      const plain = text.replaceAll('▁', ' ')
      if (name === 'byte-level-qwen') expect(joined).toBe(text.normalize('NFC'))
      else if (name === 'byte-level-llama3') expect(joined).toBe(text)
      else if (stripped) expect(joined.replaceAll(' ', '')).toBe(plain.replaceAll(' ', ''))
      else expect(joined).toBe(plain)
    }
  })
})

describe('a tokenizer', () => {
  it('has bytes for the ids that it has, and no others', async () => {
    const tokenizer = await loadTokenizer(fixture('spm-llama2'))
    const show = (token: string) => Buffer.from(tokenizer.tokenBytes(tokenizer.tokenId(token)!)).toString('latin1')
    expect(['<0x41>', '<0xFF>', '▁the', '</s>', 'ing'].map(show)).toEqual(['A', '\xff', ' the', '</s>', 'ing'])
    for (const id of [-1, 0.5, Number.NaN, tokenizer.vocabSize, 2 ** 40])
      expect(() => tokenizer.tokenBytes(id)).toThrow(RangeError)
  })

  it('passes over ids that stand for nothing', async () => {
    const tokenizer = await loadTokenizer(fixture('byte-level-llama3'))
    expect(tokenizer.decode([39, 99_999, -5, 0.5])).toBe('H')
    expect(tokenizer.decode([])).toBe('')
  })

  it('takes a lone surrogate for U+FFFD', async () => {
    const tokenizer = await loadTokenizer(fixture('byte-level-qwen'))
    expect(tokenizer.decode(tokenizer.encode('a\ud800b\udc00🙂'))).toBe('a\ufffdb\ufffd🙂')
  })
})

describe('the config beside tokenizer.json', () => {
  const byteLevel = async (files: Record<string, unknown>) => {
    using directory = folder({ 'tokenizer.json': bytesOnly(), ...files })
    return loadTokenizer(directory.path)
  }

  it.each<[string, Record<string, unknown>, number | undefined, number | undefined]>([
    ['nothing', {}, undefined, undefined],
    ['text', { 'tokenizer_config.json': { bos_token: 'B', eos_token: 'E' } }, 66, 69],
    ['objects', { 'tokenizer_config.json': { bos_token: { content: 'B' }, eos_token: { content: 'E' } } }, 66, 69],
    ['another file', { 'special_tokens_map.json': { bos_token: 'B', eos_token: { content: 'E' } } }, 66, 69],
    ['ids', { 'generation_config.json': { bos_token_id: 66, eos_token_id: [7, 8] } }, 66, 7],
    ['null', { 'tokenizer_config.json': { bos_token: null, eos_token: 'E' } }, undefined, 69],
    ['a token that the vocabulary lacks', { 'tokenizer_config.json': { bos_token: 'none' } }, undefined, undefined],
  ])('names BOS and EOS by %s, and adds neither', async (_, files, bosId, eosId) => {
    const tokenizer = await byteLevel(files)
    expect([tokenizer.bosId, tokenizer.eosId]).toEqual([bosId, eosId])
    expect(tokenizer.encode('a')).toEqual([tokenizer.tokenId('a')])
  })

  it('does not overrule the post-processor, as in transformers 5', async () => {
    const config = { bos_token: 'B', eos_token: 'E', add_bos_token: true, add_eos_token: true }
    const tokenizer = await byteLevel({ 'tokenizer_config.json': config })
    expect(tokenizer.encode('a')).toEqual([tokenizer.tokenId('a')])
  })

  it('adds tokens of its own, special where a role names them', async () => {
    const tokenizer = await byteLevel({
      'tokenizer_config.json': {
        eos_token: 'E',
        added_tokens_decoder: { 256: { content: '<x>', special: true }, 300: { content: '<y>', special: false } },
      },
    })
    expect(tokenizer.vocabSize).toBe(301)
    expect([256, 300, tokenizer.tokenId('E')!].map(id => tokenizer.isSpecial(id))).toEqual([true, false, true])
    expect(tokenizer.encode('a<x><y>').slice(1)).toEqual([256, 300])
    expect(tokenizer.decode([256, 300])).toBe('<y>')
    expect([...tokenizer.tokenBytes(280)]).toEqual([])
  })
})
