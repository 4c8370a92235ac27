import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StopFilter } from '../../engine/index.ts'
import { TextAssembler } from './text-assembler.ts'
import { incompleteTail } from './utf8.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** What comes out at each push and at the end, as `ids:text`. */
function run(pieces: readonly Uint8Array[]): string[] {
  const assembler = new TextAssembler()
  const show = (tokens: ReturnType<TextAssembler['push']>) =>
    `${tokens.map(token => token.id).join()}:${tokens.map(token => token.text).join('')}`
  return [...pieces.map((piece, id) => show(assembler.push(id, piece))), show(assembler.flush())]
}

describe('TextAssembler', () => {
  it.each<[string, readonly Uint8Array[], string[]]>([
    ['whole characters pass', [encode('He'), encode('llo')], ['0:He', '1:llo', ':']],
    [
      'a character in four pieces',
      [...encode('🙂')].map(byte => Uint8Array.of(byte)),
      [':', ':', ':', '0,1,2,3:🙂', ':'],
    ],
    [
      'a token that begins the next character',
      [encode('aé').subarray(0, 2), encode('éb').subarray(1)],
      [':', '0,1:aéb', ':'],
    ],
    ['a token without bytes', [encode(''), encode('a')], ['0:', '1:a', ':']],
    ['one that never ends', [encode('a'), Uint8Array.of(0xe2, 0x82)], ['0:a', ':', '1:\ufffd']],
    ['one that is none', [Uint8Array.of(0xff), encode('b')], ['0:\ufffd', '1:b', ':']],
  ])('%s', (_, pieces, expected) => {
    expect(run(pieces)).toEqual(expected)
  })

  it('keeps log-probabilities with their tokens', () => {
    const logprob = (id: number) => ({ id, token: '', bytes: [], logprob: -id, top: [] })
    const assembler = new TextAssembler()
    expect(assembler.push(1, encode('é').subarray(0, 1), logprob(1))).toEqual([])
    expect(assembler.push(2, encode('é').subarray(1), logprob(2))).toEqual([
      { id: 1, text: '', logprob: logprob(1) },
      { id: 2, text: 'é', logprob: logprob(2) },
    ])
  })

  it('never leaks a stop string nor splits a character, however the bytes are cut', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '🙂', '漢'), maxLength: 40 })
    const stopLists = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂'), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    })
    const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 })
    fc.assert(
      fc.property(texts, stopLists, cuts, (text, stops, lengths) => {
        const [pieces, stop] = throughFilter(cut(encode(text), lengths), stops)
        const shown = pieces.join('')
        expect(stop === undefined).toBe(!stops.some(each => text.includes(each)))
        // All of it, or what comes right before an occurrence of the stop string.
        expect(text.startsWith(shown + (stop ?? '')) && (stop !== undefined || shown === text)).toBe(true)
        expect(stops.some(each => shown.includes(each))).toBe(false)
        for (const piece of pieces) expect(piece).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]|\ufffd/)
      }),
      { numRuns: 3000 },
    )
  })
})

/** The text that a reader sees, piece by piece, and the stop string that ended it. */
function throughFilter(pieces: readonly Uint8Array[], stops: readonly string[]): [string[], string | undefined] {
  const assembler = new TextAssembler()
  const filter = new StopFilter(stops)
  const out: string[] = []
  for (const [id, tokens] of [...pieces.map((piece, i) => assembler.push(i, piece)), assembler.flush()].entries()) {
    for (const token of tokens) {
      const released = filter.push(token, id >= 0)
      out.push(released.text)
      if (released.stop !== undefined) return [out, released.stop]
    }
  }
  return [[...out, filter.flush().text], undefined]
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]!
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return pieces
}

describe('incompleteTail', () => {
  it.each([
    [[], 0],
    [[0x61], 0],
    [[0xc3], 1],
    [[0xc3, 0xa9], 0],
    [[0xe2, 0x82], 2],
    [[0xe2, 0x82, 0xac], 0],
    [[0xf0, 0x9f, 0x99], 3],
    [[0xf0, 0x9f, 0x99, 0x82], 0],
    [[0x80], 0],
    [[0xff], 0],
    [[0xc0], 0],
  ])('%j → %d', (bytes, tail) => {
    expect(incompleteTail(Uint8Array.from(bytes))).toBe(tail)
  })
})
