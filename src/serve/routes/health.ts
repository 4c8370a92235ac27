import { z } from 'zod'
import { RefusedError } from '../errors/errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Route } from './route.ts'

const ok = { description: 'It is well; else 503.', schema: z.object({ status: z.literal('ok') }) }

/** Whether requests would be served. */
function ready(exchange: Exchange): void {
  const { status, reason } = exchange.host.engine().health()
  if (status !== 'ready') throw new RefusedError('unhealthy', reason ?? `the engine is ${status}`)
  exchange.json(200, { status: 'ok' })
}

export const health: Route = {
  method: 'GET',
  path: '/health',
  aliases: ['/v1/health', '/ready'],
  scope: 'public',
  whileLoading: true,
  summary: 'Whether requests would be served.',
  reply: ok,
  handle: ready,
}

/** Unlike readiness it says nothing of loading: who restarts what is not alive must not restart what only loads. */
export const live: Route = {
  method: 'GET',
  path: '/live',
  scope: 'public',
  whileLoading: true,
  summary: 'Whether the process is worth keeping: fails once the engine has failed.',
  reply: ok,
  handle(exchange) {
    const { engineFailure } = exchange.host
    if (engineFailure !== undefined) throw new RefusedError('unhealthy', engineFailure)
    exchange.json(200, { status: 'ok' })
  },
}
