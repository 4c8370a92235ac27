import { RefusedError } from '../errors/errors.ts'
import type { Exchange, Host } from '../exchange/exchange.ts'

/** `GET /v1/models`; answers while the model loads, with what is known. */
export function models(exchange: Exchange): void {
  const model = modelOf(exchange.host)
  exchange.json(200, { object: 'list', data: model ? [model] : [] })
}

/** `GET /v1/models/:id` */
export function model(exchange: Exchange, id: string): void {
  const found = modelOf(exchange.host)
  if (found?.id !== id)
    throw new RefusedError('model_not_found', `there is no model ${JSON.stringify(id.slice(0, 64))}`)
  exchange.json(200, found)
}

/** OpenAI's fields, vLLM's `max_model_len`, llama.cpp's `meta`. */
function modelOf({ model, startedAt, info }: Host) {
  if (model === undefined) return undefined
  return {
    id: model,
    object: 'model',
    created: startedAt,
    owned_by: 'warpline',
    ...(info && {
      max_model_len: info.contextLength,
      meta: { n_vocab: info.vocabSize, n_ctx: info.contextLength, n_params: info.parameters },
    }),
  }
}
