// Warpline over a mock with few slots, or over the servers that it is told of, which several keys share.
import { openRouter, openTarget } from 'warpline'
import { createMockEngine } from 'warpline/mock'
import { KeyAccess, keysFrom, serve } from 'warpline/serve'
import { serveHere, settings } from '../serve/serve-here.mjs'

const { keys, queueTokens, queueTimeMs, upstreams, ...mock } = settings()
const engine = upstreams ? await route(upstreams) : createMockEngine(mock)
const access = keys && { access: new KeyAccess(keysFrom(keys)) }
const server = await serve({ engine, port: 0, queueTokens, queueTimeMs, ...access })
serveHere(Number(new URL(server.url).port))

/** Once all are there. */
async function route(urls) {
  const router = await openRouter({
    upstreams: urls.map(url => ({ url })),
    open: ({ url }) => openTarget(url, { remote: { retries: 0 } }),
  })
  while (router.upstreams().some(({ phase }) => phase !== 'ready'))
    await new Promise(resolve => setTimeout(resolve, 10))
  return router
}
