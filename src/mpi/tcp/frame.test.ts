import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MpiError } from '../errors.ts'
import { abortFrame, FRAME, FrameParser, framesOf, goodbyeFrame } from './frame.ts'

interface Seen {
  readonly context: string
  readonly tag: number
  readonly data: string
}

function reader() {
  const seen: (Seen | string)[] = []
  const parser = new FrameParser({
    message: ({ context, tag }, data) => seen.push({ context, tag, data: data.toString('hex') }),
    goodbye: () => seen.push('goodbye'),
    abort: code => seen.push(`abort ${code}`),
  })
  return { seen, parser }
}

const context = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 })
const messages = fc.array(
  fc.record({ context, tag: fc.integer({ min: 0, max: 2 ** 32 - 1 }), data: fc.uint8Array({ maxLength: 200 }) }),
  { maxLength: 8 },
)

test('messages come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat([
        ...sent.flatMap(({ context, tag, data }) => framesOf({ context, tag }, Buffer.from(data)).flat()),
        goodbyeFrame(),
        abortFrame(42),
      ])
      const { seen, parser } = reader()
      for (let at = 0, i = 0; at < stream.length; at += cuts[i++ % cuts.length]!)
        parser.push(stream.subarray(at, at + cuts[i % cuts.length]!))
      const due = sent.map(({ context, tag, data }) => ({ context, tag, data: Buffer.from(data).toString('hex') }))
      expect(seen).toEqual([...due, 'goodbye', 'abort 42'])
    }),
  )
})

test('whatever comes, it is taken or refused, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 })), chunks => {
      const { parser } = reader()
      try {
        for (const chunk of chunks) parser.push(Buffer.from(chunk))
      } catch (error) {
        expect(error).toBeInstanceOf(MpiError)
        expect((error as MpiError).kind).toBe('lost')
      }
    }),
  )
})

describe('refuses', () => {
  const frame = (change: (header: Buffer) => void) => {
    const [[header]] = framesOf({ context: '0'.repeat(16), tag: 1 }, Buffer.alloc(10)) as [[Buffer]]
    change(header)
    return header
  }

  /** The first piece of a message of two. */
  const longer = () => Buffer.concat(framesOf({ context: '0'.repeat(16), tag: 1 }, Buffer.alloc(FRAME.piece + 1))[0]!)

  test.each([
    ['a kind that there is not', frame(header => header.writeUInt8(9, 0))],
    ['a further piece of nothing', frame(header => header.writeUInt8(2, 0))],
    ['a message of 2⁶³ bytes, before there is memory for it', frame(header => header.writeBigUInt64BE(2n ** 63n, 8))],
    ['a message that is longer than the limit', frame(header => header.writeBigUInt64BE(2n ** 30n + 1n, 8))],
    ['a piece that is longer than its message', frame(header => header.writeUInt32BE(11, 4))],
    ['a piece that is shorter than there is left', frame(header => header.writeUInt32BE(9, 4))],
    ['goodbye where a piece is due', Buffer.concat([longer(), goodbyeFrame()])],
  ])('%s', (_, bytes) => {
    expect(() => reader().parser.push(bytes)).toThrow(/nobody who speaks our protocol/)
  })

  test('a message of more than there may be', () => {
    const long = { length: FRAME.message + 1 } as Buffer
    expect(() => framesOf({ context: '0'.repeat(16), tag: 0 }, long)).toThrow(
      'a message of 1073741825 bytes is longer than TCP’s 1073741824: send parts of it',
    )
  })
})
