import { RefusedError } from '../errors/errors.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** `GET /health`: whether requests would be served. */
export function health(exchange: Exchange): void {
  const { status, reason } = exchange.host.engine().health()
  if (status !== 'ready') throw new RefusedError('unhealthy', reason ?? `the engine is ${status}`)
  exchange.json(200, { status: 'ok' })
}
