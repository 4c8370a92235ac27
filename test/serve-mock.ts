import type { Engine } from '../src/engine/index.ts'
import { createMockEngine, type MockOptions } from '../src/mock/index.ts'
import { type ServeOptions, type Server, serve } from '../src/serve/index.ts'
import { RawConnection } from './raw-connection.ts'

export interface MockServer extends AsyncDisposable {
  readonly server: Server
  readonly engine: Engine
  /** A body that is a string is sent as it is. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>
  /** Sends bytes and returns all that comes back until the connection closes; `end` closes this side of it. */
  raw(request: string, options?: { readonly end?: boolean }): Promise<string>
  connect(): RawConnection
}

/** A server over a quick mock engine, on a port of its own. */
export async function serveMock(
  options: MockOptions = {},
  serveOptions: Partial<ServeOptions> = {},
): Promise<MockServer> {
  const engine = createMockEngine({ ttftMs: 1, itlMs: 1, contextLength: 1024, ...options })
  const server = await serve({ engine, port: 0, ...serveOptions })
  return {
    server,
    engine,
    post: (path, body, init = {}) =>
      fetch(server.url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
        headers: { 'Content-Type': 'application/json', ...(init.headers as Record<string, string>) },
      }),
    raw: (request, { end = false } = {}) => {
      const connection = new RawConnection(server.url).write(request)
      if (end) connection.socket.end()
      return connection.closed
    },
    connect: () => new RawConnection(server.url),
    async [Symbol.asyncDispose]() {
      await server.close()
      await engine.close()
    },
  }
}
