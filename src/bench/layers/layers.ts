import { engineFlags } from '../server/engine-flags.ts'
import { freePort } from '../server/free-port.ts'
import { OWN_COMMAND } from '../server/own-command.ts'
import { StartedServer } from '../server/started-server.ts'
import type { Layer } from './layer.ts'

const inProcess: Layer = {
  name: 'in process',
  open: async (target, open) => ({ target, ...(open && { open }), [Symbol.asyncDispose]: async () => {} }),
}

const http: Layer = {
  name: 'HTTP',
  async open(target, { remote, ...engine } = {}, signal) {
    const port = await freePort()
    const own = ['serve', target, '--host', '127.0.0.1', '--port', String(port), '--log-level', 'error']
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
