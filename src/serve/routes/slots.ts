import { toldContext } from '../answers/told-context.ts'
import { RefusedError } from '../errors/errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { queryOf } from '../exchange/query.ts'
import { slotsReply } from '../replies/slots.ts'
import type { Route } from './route.ts'

/** As llama.cpp tells it; what a request says is told to nobody. */
export const slots: Route = {
  method: 'GET',
  path: '/slots',
  scope: 'admin',
  group: 'operations',
  summary: 'Tells which requests the engine’s slots hold, and how far they are.',
  query: { fail_on_no_slot: '1: 503 where no slot is free' },
  reply: { description: 'The slots, in order of their requests’ arrival; idle ones last.', schema: slotsReply },
  handle(exchange) {
    const { host } = exchange
    const { info } = host.engine()
    const { maxSequences } = info
    const common = { n_ctx: toldContext(info), speculative: false }
    const busy = [...host.exchanges].flatMap(running).slice(0, maxSequences)
    if (busy.length === maxSequences && queryOf(exchange.incoming.url).get('fail_on_no_slot') === '1')
      throw new RefusedError('no_slot', 'no slot is free')
    const idle = Array.from({ length: maxSequences - busy.length }, () => ({ is_processing: false }))
    exchange.json(
      200,
      [...busy, ...idle].map((slot, id) => ({ id, ...common, ...slot })),
    )
  },
}

/** One for each of its sequences: the first hold slots; what is let in beyond them waits within the engine. */
function running({ record, requestId, route, caller, arrivedAt }: Exchange): readonly object[] {
  if (record?.phase !== 'running') return []
  const slot = {
    is_processing: true,
    request_id: requestId,
    route: route!.path,
    tenant: caller!.tenant.name,
    sequences: record.sequences,
    n_prompt_tokens: record.promptTokens,
    n_prompt_tokens_cache: record.cachedTokens,
    age_ms: performance.now() - arrivedAt,
    first_token_ms: record.firstTokenMs ?? null,
    next_token: [{ has_next_token: true, n_decoded: record.completionTokens }],
  }
  return Array.from({ length: record.sequences }, () => slot)
}
