import type { Context } from './check.ts'
import { jsonOf } from './http/client.ts'
import { modelList, shaped } from './shapes.ts'

/** How many tokens a prompt and its output may have together; undefined where the server does not tell. */
export async function modelContext({ client, model }: Context): Promise<number | undefined> {
  const props = await client.get('/props')
  if (props.status === 200) {
    const { default_generation_settings: settings } = jsonOf(props) as {
      default_generation_settings?: { n_ctx?: unknown }
    }
    if (typeof settings?.n_ctx === 'number') return settings.n_ctx
  }
  const { data } = shaped(modelList, jsonOf(await client.get('/v1/models')), 'the list of models')
  const found = data.find(({ id }) => id === model)
  return found?.max_model_len ?? found?.meta?.n_ctx ?? found?.meta?.n_ctx_train ?? undefined
}
