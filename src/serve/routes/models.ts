import { ModelNotFoundError } from '../../engine/index.ts'
import { toldContext } from '../answers/told-context.ts'
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
  summary: 'Lists the model, or the models, the default first; while it loads, with what is known.',
  reply: { description: 'A list of models, nearly always of one.', schema: modelsReply },
  handle(exchange) {
    exchange.json(200, { object: 'list', data: modelsOf(exchange.host) })
  },
}

export const model: Route = {
  method: 'GET',
  // A model's name may hold slashes.
  path: '/v1/models/{id}',
  scope: 'user',
  group: 'models',
  whileLoading: true,
  summary: 'A model, by its name.',
  reply: { description: 'The model.', schema: modelReply },
  handle(exchange, id) {
    const found = modelsOf(exchange.host).find(model => model.id === id)
    if (found === undefined) throw new ModelNotFoundError(`there is no model ${JSON.stringify(id.slice(0, 64))}`)
    exchange.json(200, found)
  },
}

/** OpenAI's fields, vLLM's `max_model_len`, llama.cpp's `meta`; the last two of the default alone. */
function modelsOf({ model, startedAt, info }: Host) {
  if (model === undefined) return []
  const others = info?.models?.filter(name => name !== model && name !== info.model) ?? []
  const [first, ...rest] = [model, ...others].map(id => ({
    id,
    object: 'model',
    created: startedAt,
    owned_by: 'warpline',
  }))
  if (info === undefined) return [first!]
  const context = toldContext(info)
  const meta = { n_vocab: info.vocabSize, n_ctx: context, n_params: info.parameters }
  return [{ ...first!, ...(context > 0 && { max_model_len: context }), meta }, ...rest]
}
