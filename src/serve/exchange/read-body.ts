import type { IncomingMessage } from 'node:http'
import { RefusedError } from '../errors/errors.ts'
import type { Settings } from '../settings.ts'

type Limits = Pick<Settings, 'maxBodyBytes' | 'bodyTimeoutMs'>

/**
 * The whole body, of a type that is JSON.
 *
 * A content type must be given: a web page of anywhere may send a body without one, but not `application/json`.
 *
 * @throws RefusedError
 */
export async function readBody(incoming: IncomingMessage, limits: Limits): Promise<Buffer> {
  checkType(incoming)
  const { maxBodyBytes } = limits
  if (Number(incoming.headers['content-length']) > maxBodyBytes) throw tooLarge(maxBodyBytes)
  const chunks: Buffer[] = []
  let length = 0
  await new Promise<void>((resolve, reject) => {
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBodyBytes) chunks.push(chunk)
      else {
        // The rest flows by unread.
        chunks.length = 0
        reject(tooLarge(maxBodyBytes))
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

function checkType({ headers }: IncomingMessage): void {
  const given = headers['content-type'] ?? ''
  // As nearly every client writes it.
  if (given !== 'application/json') checkOddType(given.toLowerCase())
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    unsupported('send the body without Content-Encoding: compressed bodies are not read')
}

function checkOddType(given: string): void {
  const [type = '', ...parameters] = given.split(/\s*;\s*/)
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type.trim()))
    unsupported(`send the body as Content-Type: application/json${type === '' ? '' : `, not ${type}`}`)
  const charset = parameters.find(parameter => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) unsupported('send the body as UTF-8')
}

function unsupported(message: string): never {
  throw new RefusedError('unsupported_media_type', message)
}

function tooLarge(maxBytes: number): RefusedError {
  return new RefusedError('body_too_large', `the body is larger than ${maxBytes / 2 ** 20} MiB`)
}
