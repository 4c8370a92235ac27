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
    const port = await freePort()
    const own = ['serve', target, '--host', '127.0.0.1', '--port', String(port), ...SERVER]
    const command = [...OWN_COMMAND, ...own, ...engineFlags(engine)]
    const server = await StartedServer.start({ command, url: `http://127.0.0.1:${port}` }, signal)
    return {
      target: server.url,
      ...(remote && { open: { remote } }),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}

/** From the engine outwards. */
export const LAYERS: readonly Layer[] = [inProcess, http]
