import { InvalidRequestError, type RoutingHints } from '../../engine/index.ts'
import { chosenModel } from '../answers/chosen-model.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** Of a session's name and an upstream's, in characters. */
const MAX_NAME = 256

export interface RoutingFields {
  readonly model?: string | null | undefined
  readonly prompt_cache_key?: string | null | undefined
  readonly user?: string | null | undefined
}

/**
 * What a request says of where it wants to be answered; undefined where it says nothing. How long it may take is told
 * once it has left the queue.
 *
 * @throws InvalidRequestError
 */
export function routingOf(exchange: Exchange, fields: RoutingFields): RoutingHints | undefined {
  const { trace, host } = exchange
  const { headers } = exchange.incoming
  const model = chosenModel(host, fields.model)
  const session = nameIn(headers, 'x-session-id') ?? (fields.prompt_cache_key || fields.user || undefined)
  const upstream = nameIn(headers, 'x-warpline-upstream')
  const traceparent = trace?.traceparent
  if (model === undefined && session === undefined && upstream === undefined && traceparent === undefined)
    return undefined
  const hints: { -readonly [K in keyof RoutingHints]: RoutingHints[K] } = {}
  if (model !== undefined) hints.model = model
  if (session !== undefined) hints.session = session
  if (upstream !== undefined) hints.upstream = upstream
  if (traceparent !== undefined) hints.traceparent = traceparent
  return hints
}

function nameIn(headers: Exchange['incoming']['headers'], name: string): string | undefined {
  const value = headers[name]
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string' && value.length <= MAX_NAME) return value
  throw new InvalidRequestError(`${name} must have at most ${MAX_NAME} characters`, name)
}
