import { engineFlags } from '../server/engine-flags.ts'
import { freePort } from '../server/free-port.ts'
import { OWN_COMMAND } from '../server/own-command.ts'
import { StartedServer } from '../server/started-server.ts'
import type { Layer } from './layer.ts'

const inProcess: Layer = {
  name: 'in process',
  open: async (target, open) => ({ target, ...(open && { open }), [Symbol.asyncDispose]: async () => {} }),
}

/** Nothing is refused that the engine alone would take, and nobody waits for what is left of a run. */
const SERVER = [
  '--queue-time',
  '86400',
  '--queue-tokens',
  String(2 ** 40),
  '--drain-timeout',
  '1',
  '--log-level',
  'error',
]

const http: Layer = {
  name: 'HTTP',
  async open(target, { remote, ...engine } = {}, signal) {
    const server = await serve([target, ...engineFlags(engine)], signal)
    return {
      target: server.url,
      ...(remote && { open: { remote } }),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}

/** A router over that server, which is its only one. */
const router: Layer = {
  name: 'router',
  async open(target, options = {}, signal) {
    const behind = await http.open(target, options, signal)
    try {
      const server = await serve(['--upstream', behind.target], signal)
      return {
        target: server.url,
        ...(behind.open && { open: behind.open }),
        [Symbol.asyncDispose]: async () => {
          await server[Symbol.asyncDispose]()
          await behind[Symbol.asyncDispose]()
        },
      }
    } catch (error) {
      await behind[Symbol.asyncDispose]()
      throw error
    }
  },
}

async function serve(what: readonly string[], signal: AbortSignal | undefined): Promise<StartedServer> {
  const port = await freePort()
  const command = [...OWN_COMMAND, 'serve', ...what, '--host', '127.0.0.1', '--port', String(port), ...SERVER]
  return await StartedServer.start({ command, url: `http://127.0.0.1:${port}` }, signal)
}

/** From the engine outwards. */
export const LAYERS: readonly Layer[] = [inProcess, http, router]
