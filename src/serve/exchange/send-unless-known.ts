import { createHash } from 'node:crypto'
import type { Exchange } from './exchange.ts'

/** A body by its digest, so that who has it already need not get it again. */
export class TaggedBody {
  readonly etag: string
  constructor(
    readonly type: string,
    readonly body: string,
  ) {
    this.etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  }
}

/** 200 with the body, or 304 where the client says that it has it. */
export function sendUnlessKnown(
  exchange: Exchange,
  { type, body, etag }: TaggedBody,
  headers: Readonly<Record<string, string>> = {},
): void {
  // Kept by clients, but asked for anew each time: a server may be started again as another.
  const all = { ETag: etag, 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff', ...headers }
  if (isKnown(exchange.incoming.headers['if-none-match'], etag)) {
    exchange.head(304, all)
    exchange.outgoing.end()
  } else exchange.send(200, type, body, all)
}

function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.split(',').some(tag => tag.trim().replace(/^W\//, '') === etag)
}
