import type { GenerateRequest, Input, SamplingParams } from '../../engine/index.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { type RoutingFields, routingOf } from './routing-of.ts'

interface CommonFields extends RoutingFields {
  readonly priority?: number | null | undefined
  readonly cache_salt?: string | null | undefined
  readonly cache_prompt?: boolean | null | undefined
  readonly timeline?: boolean | null | undefined
}

/** What every route asks of the engine; `index` tells the prompts of one HTTP request apart. */
export function requestOf(
  exchange: Exchange,
  fields: CommonFields,
  input: Input,
  sampling: SamplingParams,
  index?: number,
): GenerateRequest {
  const { caller, requestId } = exchange
  const { priority } = fields
  const routing = routingOf(exchange, fields)
  const request = {
    input,
    sampling,
    // Only who may do everything may push in front of others' requests.
    priority: caller!.admin ? (priority ?? 0) : Math.max(0, priority ?? 0),
    id: index === undefined ? requestId : `${requestId}-${index}`,
    cacheSalt: cacheSaltOf(exchange, fields),
    timeline: fields.timeline === true,
  }
  return routing === undefined ? request : Object.assign(request, { routing })
}

function cacheSaltOf({ caller, host, uuid }: Exchange, { cache_salt, cache_prompt }: CommonFields): string {
  // What a server behind this one cannot keep apart is not refused for that, unless somebody asks for it.
  const own = host.info?.cacheSalts === false ? '' : caller!.cacheSalt
  // A salt that nobody else has finds nothing, and lets nobody find anything.
  if (cache_prompt === false) return `${own}\0once\0${uuid}`
  return cache_salt ? `${own}\0${cache_salt}` : own
}
