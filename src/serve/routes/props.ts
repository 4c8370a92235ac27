import { SAMPLING_DEFAULTS } from '../../engine/index.ts'
import { VERSION } from '../../version.ts'
import { generationSettings } from '../answers/generation-settings.ts'
import { modelOf } from '../answers/new-head.ts'
import { toldContext } from '../answers/told-context.ts'
import { propsReply } from '../replies/props.ts'
import type { Route } from './route.ts'

/** As llama.cpp tells it: clients read the context's length here. */
export const props: Route = {
  method: 'GET',
  path: '/props',
  aliases: ['/v1/props'],
  scope: 'user',
  group: 'models',
  summary:
    'Tells the context’s length, the number of slots, the chat template and how requests are sampled by default.',
  reply: { description: 'The properties.', schema: propsReply },
  handle(exchange) {
    const { info } = exchange.host.engine()
    const { maxSequences, samplingDefaults, chatTemplate = '' } = info
    const model = modelOf(exchange)
    exchange.json(200, {
      default_generation_settings: {
        n_ctx: toldContext(info),
        params: generationSettings({ ...SAMPLING_DEFAULTS, ...samplingDefaults }),
      },
      total_slots: maxSequences,
      model_alias: model,
      model_path: model,
      chat_template: chatTemplate,
      modalities: { vision: false, audio: false },
      build_info: `warpline-${VERSION}`,
      is_sleeping: false,
    })
  },
}
