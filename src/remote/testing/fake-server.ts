import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server was asked. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** That the client closed its connection before the answer's end. */
  readonly left: Promise<void>
}

/** Writes an answer. */
export type Answering = (response: ServerResponse, asked: Asked) => void

/** JSON, or what writes an answer. */
export type FakeReply = object | Answering

export interface FakeServer extends AsyncDisposable {
  readonly url: string
  /** All requests so far. */
  readonly asked: readonly Asked[]
  /** Connections so far. */
  readonly connections: number
}

/** Answers by path, as one kind of server or another would; 404 for whatever is not in `replies`. */
export async function fakeServer(replies: Readonly<Record<string, FakeReply>>, port = 0): Promise<FakeServer> {
  const all: Asked[] = []
  let connections = 0
  const server = createServer(async (request, response) => {
    const left = new Promise<void>(resolve => response.once('close', () => response.writableFinished || resolve()))
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    const { method = '', url: path = '', headers } = request
    const asked = { method, path, headers, body, left }
    all.push(asked)
    const reply = replies[path]
    if (typeof reply === 'function') (reply as Answering)(response, asked)
    else if (reply === undefined) json(404, { detail: 'Not Found' })(response)
    else json(200, reply)(response)
  })
  server.on('connection', () => connections++)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: all,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value))
  }
}

/** Each part is a write of its own, and the next comes once the client may have read it; the stream ends after the last. */
export function stream(...parts: (string | Buffer)[]) {
  return async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for (const part of parts) await new Promise(resolve => response.write(part, resolve))
    response.end()
  }
}

/** An event of a stream. */
export function sse(value: unknown): string {
  return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
}
