import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client } from '../http/client.ts'

export interface Asked {
  readonly path: string
  /** As JSON, or undefined. */
  body: Record<string, unknown> | undefined
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** What a fault makes of a right server. */
export interface Spoiling {
  /** Changes what is asked. */
  readonly asked?: (asked: Asked) => void
  /** Changes what is answered. */
  readonly answered?: (answer: Answer, asked: Asked) => void
}

/** A right server seen through a fault: everything goes to `url` and comes back spoiled. */
export async function spoiledServer(
  url: string,
  { asked, answered }: Spoiling,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const request: Asked = { path: incoming.url ?? '', body: objectIn(bytes) }
    asked?.(request)
    const reply = await new Client(url, undefined, AbortSignal.timeout(10_000)).send(request.path, {
      method: incoming.method ?? 'GET',
      body: bytes.length === 0 ? undefined : asked && request.body ? request.body : bytes,
      headers: forwarded(incoming.headers),
    })
    const answer: Answer = { status: reply.status, headers: { ...reply.headers }, text: reply.text }
    answered?.(answer, request)
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) outgoing.setHeader(name, value)
    outgoing.writeHead(answer.status).end(answer.text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function forwarded(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  const names = ['content-type', 'x-request-timeout-ms']
  return Object.fromEntries(names.map(name => [name, headers[name] as string | undefined]))
}

function objectIn(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
