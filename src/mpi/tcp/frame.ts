import type { Envelope } from '../carried/carrier.ts'
import { MpiError } from '../errors.ts'

/**
 * On the wire, a message is one frame or several, and a frame is a header and up to 16 MiB of the message's bytes.
 *
 * ```
 *  0  u8   kind: 1 the first piece of a message, 2 a further one, 3 goodbye, 4 abort
 *  4  u32  bytes of this piece                                        (big-endian, as all numbers)
 *  8  u64  bytes of the whole message, below 2⁴⁸; of an abort, the exit code
 * 16  u32  tag
 * 24  8 B  context
 * ```
 */
export const FRAME = { header: 32, piece: 16 * 2 ** 20, message: 2 ** 30 } as const

const KIND = { first: 1, further: 2, goodbye: 3, abort: 4 } as const

export interface FrameReader {
  message(envelope: Envelope, data: Buffer): void
  goodbye(): void
  abort(code: number): void
}

/** A message's frames, each a header and a piece; the pieces are the caller's memory. @throws MpiError where it is too long */
export function framesOf({ context, tag }: Envelope, data: Buffer): Buffer[][] {
  if (data.length > FRAME.message)
    throw new MpiError(
      'other',
      `a message of ${data.length} bytes is longer than TCP’s ${FRAME.message}: send parts of it`,
    )
  const frames: Buffer[][] = []
  for (let from = 0; from === 0 || from < data.length; from += FRAME.piece) {
    const piece = data.subarray(from, from + FRAME.piece)
    const header = headerOf(from === 0 ? KIND.first : KIND.further, piece.length, data.length)
    header.writeUInt32BE(tag, 16)
    header.write(context, 24, 'hex')
    frames.push(piece.length > 0 ? [header, piece] : [header])
  }
  return frames
}

export const goodbyeFrame = () => headerOf(KIND.goodbye, 0, 0)

export const abortFrame = (code: number) => headerOf(KIND.abort, 0, code)

function headerOf(kind: number, bytes: number, whole: number): Buffer {
  const header = Buffer.alloc(FRAME.header)
  header[0] = kind
  header.writeUInt32BE(bytes, 4)
  header.writeUIntBE(whole, 10, 6)
  return header
}

/** Takes a stream apart, in whatever chunks it comes. Lengths are checked before memory is taken for them. */
export class FrameParser {
  readonly #reader: FrameReader
  readonly #header = Buffer.alloc(FRAME.header)
  #headerBytes = 0
  /** Of the piece that is coming. */
  #pieceLeft = 0
  #message: { readonly envelope: Envelope; readonly data: Buffer; filled: number } | undefined

  constructor(reader: FrameReader) {
    this.#reader = reader
  }

  /** @throws MpiError where it is not what we speak */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#pieceLeft > 0) {
        const { data, filled } = this.#message!
        const bytes = chunk.copy(data, filled, at, at + this.#pieceLeft)
        at += bytes
        this.#message!.filled += bytes
        this.#pieceLeft -= bytes
        this.#deliver()
      } else {
        const bytes = chunk.copy(this.#header, this.#headerBytes, at)
        at += bytes
        this.#headerBytes += bytes
        if (this.#headerBytes === FRAME.header) {
          this.#headerBytes = 0
          this.#begin()
        }
      }
    }
  }

  #begin(): void {
    const kind = this.#header[0]
    const bytes = this.#header.readUInt32BE(4)
    const whole = this.#header.readBigUInt64BE(8)
    if (this.#message === undefined && kind === KIND.goodbye) this.#reader.goodbye()
    else if (kind === KIND.abort) this.#reader.abort(Number(whole & 0xffn))
    else {
      if (kind !== (this.#message ? KIND.further : KIND.first)) throw nonsense(`a frame of kind ${kind}`)
      if (whole > FRAME.message) throw nonsense(`a message of ${whole} bytes`)
      const left = Number(whole) - (this.#message?.filled ?? 0)
      if (bytes !== Math.min(left, FRAME.piece)) throw nonsense(`${bytes} bytes where ${left} are left`)
      const envelope = { context: this.#header.toString('hex', 24, 32), tag: this.#header.readUInt32BE(16) }
      this.#message ??= { envelope, data: Buffer.allocUnsafe(left), filled: 0 }
      this.#pieceLeft = bytes
      this.#deliver()
    }
  }

  #deliver(): void {
    const message = this.#message!
    if (message.filled < message.data.length) return
    this.#message = undefined
    this.#reader.message(message.envelope, message.data)
  }
}

function nonsense(what: string): MpiError {
  return new MpiError('lost', `it sent ${what}, which nobody who speaks our protocol does`)
}
