import type { IncomingMessage } from 'node:http'
import { RefusedError } from '../errors/errors.ts'

export const MAX_BODY_BYTES = 32 * 1024 * 1024
/** A chat nests 5 deep; templates and schemas may add some. What recurses over a body relies on this. */
export const MAX_DEPTH = 64

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The body of a request, as JSON.
 *
 * A content type must be given: a web page of anywhere may send a body without one, but not `application/json`.
 *
 * @throws RefusedError
 */
export async function readJson(incoming: IncomingMessage): Promise<unknown> {
  checkType(incoming)
  const bytes = await readBody(incoming)
  if (depthOf(bytes) > MAX_DEPTH) invalid(`nests deeper than ${MAX_DEPTH}`)
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return invalid('is not UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch {
    // What the parser says would quote the body.
    return invalid(text.trim() === '' ? 'is empty' : 'is not valid JSON')
  }
}

function checkType({ headers }: IncomingMessage): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(/\s*;\s*/)
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type.trim()))
    unsupported(`send the body as Content-Type: application/json${type === '' ? '' : `, not ${type}`}`)
  const charset = parameters.find(parameter => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) unsupported('send the body as UTF-8')
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    unsupported('send the body without Content-Encoding: compressed bodies are not read')
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers['content-length']) > MAX_BODY_BYTES) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  await new Promise<void>((resolve, reject) => {
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY_BYTES) chunks.push(chunk)
      else {
        // The rest flows by unread.
        chunks.length = 0
        reject(tooLarge())
      }
    })
    incoming.once('end', resolve)
    incoming.once('error', reject)
    incoming.once('close', () => {
      if (!incoming.readableEnded) reject(new RefusedError('malformed_request', 'the body ended early'))
    })
  })
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)
}

/** How deep the brackets nest; JSON.parse itself would take a hundred thousand. Wrong JSON may give any number. */
function depthOf(bytes: Buffer): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return deepest
}

function invalid(complaint: string): never {
  throw new RefusedError('invalid_json', `the body ${complaint}`)
}

function unsupported(message: string): never {
  throw new RefusedError('unsupported_media_type', message)
}

function tooLarge(): RefusedError {
  const mebibytes = MAX_BODY_BYTES / 2 ** 20
  // The connection stays for a while: closed at once, it would take the answer with it before the client reads it.
  // The adaptor reads on for half a second or 64 MiB, then closes.
  return new RefusedError('body_too_large', `the body is larger than ${mebibytes} MiB`)
}
