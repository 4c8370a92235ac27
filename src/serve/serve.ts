import { openAccess } from './access/access.ts'
import { InsecureBindError } from './errors/errors.ts'
import { isLoopback } from './exchange/host-rule.ts'
import { HttpServer } from './http-server.ts'
import type { ServeOptions } from './options.ts'
import type { Server } from './server.ts'

/**
 * Serves an engine over HTTP. Resolves when it listens, which may be before the engine is there.
 *
 * @throws InsecureBindError, InvalidOptionError, ListenError
 *
 * @example
 * const server = await serve({ engine: createMockEngine(), port: 0 })
 * await fetch(`${server.url}/health`)
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { host = '127.0.0.1', port = 8090, insecure = false, access = openAccess } = options
  if (!isLoopback(host) && !insecure && !access.asksForKeys) throw new InsecureBindError(host)
  const server = new HttpServer(options, isLoopback(host))
  await server.listen(host, port)
  return server
}
