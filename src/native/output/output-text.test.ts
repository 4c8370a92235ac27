import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChosenLogprob } from '../../engine/index.ts'
import { OutputText } from './output-text.ts'
import { incompleteTail } from './utf8.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** Pushes pieces as tokens 0, 1, 2 … until a stop; answers with what came out at each push, then at the end. */
function run(pieces: readonly Uint8Array[], stops: readonly string[] = []) {
  const output = new OutputText(stops)
  const texts: string[] = []
  const ids: number[] = []
  for (const [id, piece] of pieces.entries()) {
    const settled = output.push(id, piece, undefined)
    texts.push(settled.text)
    ids.push(...settled.ids)
    if (settled.stop !== undefined) return { texts, ids, stop: settled.stop, text: texts.join('') }
  }
  const rest = output.flush()
  return { texts: [...texts, rest.text], ids: [...ids, ...rest.ids], stop: undefined, text: texts.join('') + rest.text }
}

describe('OutputText', () => {
  it.each([
    ['nothing to hold', ['He', 'llo'], [], ['He', 'llo', ''], undefined],
    ['a stop in one token', ['a', 'b STOP c'], ['STOP'], ['a', 'b '], 'STOP'],
    ['a stop over three tokens', ['a', 'S', 'TO', 'P!'], ['STOP'], ['a', '', '', ''], 'STOP'],
    ['what only looked like a stop', ['a', 'ST', 'OX', 'y'], ['STOP'], ['a', '', 'STOX', 'y', ''], undefined],
    ['a beginning within the beginning', ['aa', 'ab', '!'], ['aab!'], ['', '', 'a'], 'aab!'],
    ['the earlier of two', ['x12', '3'], ['123', '2'], ['x1'], '2'],
    ['a held end without a stop', ['one', ' ST'], ['STOP'], ['one', '', ' ST'], undefined],
    ['a stop at once', ['\n\n'], ['\n'], [''], '\n'],
  ] as const)('%s', (_, pieces, stops, texts, stop) => {
    expect(run(pieces.map(encode), stops)).toMatchObject({ texts, stop })
  })

  it('waits for whole characters', () => {
    const bytes = encode('a🙂é')
    const pieces = [...bytes].map(byte => Uint8Array.of(byte))
    expect(run(pieces).texts).toEqual(['a', '', '', '', '🙂', '', 'é', ''])
  })

  it('gives up on a character that never ends', () => {
    expect(run([encode('a'), Uint8Array.of(0xe2, 0x82)]).texts).toEqual(['a', '', '\ufffd'])
    expect(run([Uint8Array.of(0xff), encode('b')]).texts).toEqual(['\ufffd', 'b', ''])
  })

  it('reports a token when all of its text is out, and none of a stop string', () => {
    const output = new OutputText(['END'])
    expect(output.push(7, encode('aE'), undefined).ids).toEqual([])
    expect(output.push(8, encode('b'), undefined).ids).toEqual([7, 8])
    expect(output.push(9, encode('c E'), undefined).ids).toEqual([])
    expect(output.push(10, encode('ND'), undefined)).toMatchObject({ ids: [9], text: 'c ', stop: 'END' })
  })

  it('keeps log-probabilities with their tokens', () => {
    const logprob = (id: number): ChosenLogprob => ({ id, token: '', bytes: [], logprob: -id, top: [] })
    const output = new OutputText(['xyz'])
    output.push(1, encode('x'), logprob(1))
    expect(output.push(2, encode('!'), logprob(2)).logprobs).toEqual([logprob(1), logprob(2)])
  })

  it('does not look for stops before it may', () => {
    const output = new OutputText(['b'])
    expect(output.push(1, encode('ab'), undefined, false).text).toBe('ab')
    expect(output.push(2, encode('cb'), undefined, true)).toMatchObject({ text: 'c', stop: 'b' })
  })

  it('never leaks a stop string nor splits a character, however the bytes are cut', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '🙂', '漢'), maxLength: 40 })
    const stopLists = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🙂'), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    })
    fc.assert(
      fc.property(texts, stopLists, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (text, stops, cuts) => {
        const bytes = encode(text)
        const pieces: Uint8Array[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length]!
          pieces.push(bytes.subarray(at, at + length))
          at += length
        }
        const ends = stops.map(stop => text.indexOf(stop)).filter(at => at >= 0)
        const result = run(pieces, stops)
        expect(result.text).toBe(ends.length > 0 ? text.slice(0, Math.min(...ends)) : text)
        expect(result.stop !== undefined).toBe(ends.length > 0)
        for (const piece of result.texts) expect(piece).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]|\ufffd/)
      }),
      { numRuns: 2000 },
    )
  })
})

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
