import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadTokenizer } from './load-tokenizer.ts'
import { MergeTable } from './merge-table.ts'
import { bytesOnly, expected, fixture, folder, TOKENIZERS } from './testing.ts'
import { TooManyTokensError } from './too-many-tokens.ts'

afterEach(() => void vi.restoreAllMocks())

function refusal(encode: () => unknown): TooManyTokensError {
  try {
    encode()
  } catch (error) {
    if (error instanceof TooManyTokensError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** Each character another than the one before it, in no order that merges know. */
function noise(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return String.fromCharCode(33 + ((state >>> 16) % 94))
  }).join('')
}

describe.each(TOKENIZERS)('%s', name => {
  const strings = expected(name).strings.map(({ text }) => text)
  const piece = fc.oneof(
    fc.constantFrom(...strings),
    fc.string({ unit: 'binary' }),
    fc
      .tuple(
        fc.constantFrom('a', '=', '  ', '\n', 'the', 'e\u0301', '\u1100\u1161\u11a8', '🙂', '織', '<s>'),
        fc.nat(99),
      )
      .map(([text, times]) => text.repeat(times)),
  )
  const text = fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join(''))

  it('encodes whatever fits as without a limit, and refuses by a count that is never too high', async () => {
    const tokenizer = await loadTokenizer(fixture(name))
    fc.assert(
      fc.property(text, fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (whole, addSpecial, share) => {
        const ids = tokenizer.encode(whole, { addSpecial })
        expect(tokenizer.encode(whole, { addSpecial, limit: ids.length })).toEqual(ids)
        const limit = Math.floor(share * (ids.length - 1))
        if (ids.length === 0) return
        const { atLeast } = refusal(() => tokenizer.encode(whole, { addSpecial, limit }))
        expect(atLeast).toBeGreaterThan(limit)
        expect(atLeast).toBeLessThanOrEqual(ids.length)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['one word', 'a'.repeat(2 ** 20)],
    ['English', 'A language model reads a text from left to right. '.repeat(20_000)],
    ['noise', noise(2 ** 20)],
    ['characters without a token', '鑫'.repeat(2 ** 18)],
  ])('looks up few merges of a long text of %s', async (_, long) => {
    const tokenizer = await loadTokenizer(fixture(name))
    const rank = vi.spyOn(MergeTable.prototype, 'rank')
    refusal(() => tokenizer.encode(long, { limit: 1000 }))
    expect(rank.mock.calls.length).toBeLessThan(20_000)
  })
})

describe('what one token may stand for', () => {
  const added = { id: 256, content: '<x>', special: true, normalized: false, single_word: false, lstrip: false }

  it('is any length of white space, where a token takes it along', async () => {
    using strips = folder({ 'tokenizer.json': bytesOnly({ added_tokens: [{ ...added, rstrip: true }] }) })
    const tokenizer = await loadTokenizer(strips.path)
    expect(tokenizer.encode(`<x>${' '.repeat(5000)}a`, { limit: 2 })).toEqual([256, 97])
    expect(refusal(() => tokenizer.encode('a'.repeat(5000), { limit: 2 })).atLeast).toBe(Math.ceil(5000 / '<x>'.length))
  })

  it('is what a normalizer makes to be one', async () => {
    const normalizer = { type: 'Sequence', normalizers: [replace('ab', 'c'), replace('cc', '')] }
    using shrinks = folder({ 'tokenizer.json': bytesOnly({ normalizer }) })
    const tokenizer = await loadTokenizer(shrinks.path)
    expect(tokenizer.encode(`x${'abab'.repeat(5000)}`, { limit: 1 })).toEqual([120])
  })
})

function replace(pattern: string, content: string): Record<string, unknown> {
  return { type: 'Replace', pattern: { String: pattern }, content }
}
