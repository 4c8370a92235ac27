import type { GenerateRequest, Input, SamplingParams } from '../../engine/index.ts'
import type { Exchange } from '../exchange/exchange.ts'

interface CommonFields {
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
  return {
    input,
    sampling,
    // Only who may do everything may push in front of others' requests.
    priority: caller!.admin ? (priority ?? 0) : Math.max(0, priority ?? 0),
    id: index === undefined ? requestId : `${requestId}-${index}`,
    cacheSalt: cacheSaltOf(exchange, fields),
    timeline: fields.timeline === true,
  }
}

function cacheSaltOf({ caller, uuid }: Exchange, { cache_salt, cache_prompt }: CommonFields): string {
  // A salt that nobody else has finds nothing, and lets nobody find anything.
  if (cache_prompt === false) return `${caller!.cacheSalt}\0once\0${uuid}`
  return cache_salt ? `${caller!.cacheSalt}\0${cache_salt}` : caller!.cacheSalt
}
