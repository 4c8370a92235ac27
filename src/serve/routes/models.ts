import { ModelNotFoundError } from '../../engine/index.ts'
import type { Host } from '../host.ts'
import { modelReply, modelsReply } from '../replies/models.ts'
import type { Route } from './route.ts'

export const models: Route = {
  method: 'GET',
  path: '/v1/models',
  aliases: ['/models'],
  scope: 'user',
  group: 'models',
  whileLoading: true,
  summary: 'Lists the model; while it loads, with what is known.',
  reply: { description: 'A list of one model.', schema: modelsReply },
  handle(exchange) {
    const model = modelOf(exchange.host)
    exchange.json(200, { object: 'list', data: model ? [model] : [] })
  },
}

export const model: Route = {
  method: 'GET',
  // A model's name may hold slashes.
  path: '/v1/models/{id}',
  scope: 'user',
  group: 'models',
  whileLoading: true,
  summary: 'The model, by its name.',
  reply: { description: 'The model.', schema: modelReply },
  handle(exchange, id) {
    const found = modelOf(exchange.host)
    if (found?.id !== id) throw new ModelNotFoundError(`there is no model ${JSON.stringify(id.slice(0, 64))}`)
    exchange.json(200, found)
  },
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
