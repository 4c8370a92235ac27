import type { Engine } from '../src/engine/index.ts'
import { createMockEngine } from '../src/mock/index.ts'
import { openRemote } from '../src/remote/index.ts'
import { serve } from '../src/serve/index.ts'
import { engineConformance } from './engine-conformance.ts'

async function overHttp(options = {}): Promise<Engine> {
  const engine = createMockEngine({ ttftMs: 2, itlMs: 1, contextLength: 1024, slots: 8 })
  const server = await serve({ engine, port: 0 })
  const remote = await openRemote(server.url, options)
  const close = remote.close.bind(remote)
  remote.close = async () => {
    await close()
    await server.close()
    await engine.close()
  }
  return remote
}

engineConformance('remote', () => overHttp(), { elsewhere: true })
