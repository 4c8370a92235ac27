import type { JsonFields } from '../json-fields.ts'
import { bytesOfByteLevelToken } from './byte-alphabet.ts'
import { readLiteral, readSteps } from './normalizer.ts'
import { UnknownPart } from './oniguruma.ts'
import { readMark, readScheme } from './pre-tokenizer.ts'

/** One step from tokens to text; the pieces are joined behind the last. */
type Step = (pieces: readonly string[]) => readonly string[]

export interface Decoder {
  readonly decode: (tokens: readonly string[]) => string
  /** What one token is in running text. */
  readonly bytes: (token: string) => Uint8Array
}

const utf8 = new TextEncoder()
/** A BOM is text here. */
const lossy = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** @throws UnknownPart */
export function readDecoder(fields: JsonFields | undefined): Decoder {
  if (fields === undefined) return { decode: tokens => tokens.join(' '), bytes: token => utf8.encode(token) }
  const parts = flatten(fields)
  const steps = parts.map(readStep)
  return {
    decode: tokens => steps.reduce<readonly string[]>((pieces, step) => step(pieces), tokens).join(''),
    bytes: readBytes(parts),
  }
}

function flatten(fields: JsonFields): JsonFields[] {
  return fields.string('type') === 'Sequence' ? readSteps(fields, 'decoders').flatMap(flatten) : [fields]
}

function readStep(fields: JsonFields): Step {
  const type = fields.string('type')
  switch (type) {
    case 'ByteLevel':
      return tokens => [decodeByteLevel(tokens)]
    case 'ByteFallback':
      return decodeByteFallback
    case 'Fuse':
      return pieces => [pieces.join('')]
    case 'Replace': {
      const pattern = readLiteral(fields)
      const content = fields.string('content')
      return pieces => pieces.map(piece => piece.replaceAll(pattern, () => content))
    }
    case 'Strip': {
      const [content, start, stop] = [fields.string('content'), amount(fields, 'start'), amount(fields, 'stop')]
      return pieces => pieces.map(piece => strip(piece, content, start, stop))
    }
    case 'Metaspace': {
      const mark = readMark(fields)
      const lead = readScheme(fields) !== 'never'
      return pieces =>
        pieces.map((piece, i) =>
          (lead && i === 0 && piece.startsWith(mark) ? piece.slice(1) : piece).replaceAll(mark, ' '),
        )
    }
    case 'WordPiece': {
      const prefix = fields.string('prefix')
      return pieces => pieces.map((piece, i) => (i === 0 ? piece : continueWord(piece, prefix)))
    }
    default:
      throw new UnknownPart(`the decoder ${type}`)
  }
}

function decodeByteLevel(tokens: readonly string[]): string {
  const parts = tokens.map(bytesOfByteLevelToken)
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return lossy.decode(bytes)
}

/** A run of `<0xNN>` that is no UTF-8 becomes one U+FFFD for every byte, good ones too (huggingface/tokenizers). */
function decodeByteFallback(tokens: readonly string[]): readonly string[] {
  const pieces: string[] = []
  let run: number[] = []
  const flush = () => {
    if (run.length === 0) return
    try {
      pieces.push(strict.decode(Uint8Array.from(run)))
    } catch {
      pieces.push('\ufffd'.repeat(run.length))
    }
    run = []
  }
  for (const token of tokens) {
    const byte = byteOf(token)
    if (byte !== undefined) run.push(byte)
    else {
      flush()
      pieces.push(token)
    }
  }
  flush()
  return pieces
}

/** Of a token such as `<0x0A>`. */
function byteOf(token: string): number | undefined {
  return /^<0x[0-9A-Fa-f]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : undefined
}

function continueWord(piece: string, prefix: string): string {
  return prefix !== '' && piece.startsWith(prefix) ? piece.slice(prefix.length) : ` ${piece}`
}

function strip(piece: string, content: string, start: number, stop: number): string {
  let [from, to] = [0, piece.length]
  while (from < start && piece[from] === content) from++
  while (piece.length - to < stop && to > from && piece[to - 1] === content) to--
  return piece.slice(from, to)
}

function amount(fields: JsonFields, name: string): number {
  return fields.integer(name, { min: 0, max: 1000 }, 0)
}

function readBytes(parts: readonly JsonFields[]): (token: string) => Uint8Array {
  const types = parts.map(part => part.string('type'))
  if (types.includes('ByteLevel')) return bytesOfByteLevelToken
  const prefix = parts.find(part => part.string('type') === 'WordPiece')?.string('prefix')
  if (prefix !== undefined) return token => utf8.encode(continueWord(token, prefix))
  const fallback = types.includes('ByteFallback')
  return token => {
    const byte = fallback ? byteOf(token) : undefined
    return byte === undefined ? utf8.encode(token.replaceAll('▁', ' ')) : Uint8Array.of(byte)
  }
}
