import { type Check, demand, demandEqual, Skip } from '../check.ts'
import { jsonOf } from '../http/client.ts'
import { refused } from '../refusal.ts'
import { modelList, oneModel, shaped } from '../shapes.ts'

export const health: readonly Check[] = [
  {
    id: 'health.ready',
    item: 1,
    what: 'GET /health is 200 {"status":"ok"}',
    async run({ client, tolerate }) {
      const reply = await client.get('/health')
      demandEqual(reply.status, 200, 'the status')
      if (reply.text === '') return tolerate('the body is empty')
      demandEqual((jsonOf(reply) as { status?: unknown }).status, 'ok', 'status in the body')
    },
  },
  {
    id: 'health.loading',
    item: 1,
    what: 'while it loads, /health is 503 with an error, and /v1/models answers',
    needs: ['spawn'],
    async run(context) {
      const server = await context.launch()
      const client = server.client
      let loading = 0
      let refusedConnections = 0
      for (;;) {
        demand(!server.exit, `the server ended while it was loading: ${server.lastWords}`)
        const reply = await client.get('/health').catch(() => undefined)
        if (reply?.status === 200) break
        if (reply === undefined) refusedConnections++
        else {
          const error = refused(context, reply, 503)
          if (loading++ === 0) {
            demandEqual(error.type, 'unavailable_error', 'the type of the error')
            const models = await client.get('/v1/models')
            // It may have become ready between the two.
            if (models.status === 200) shaped(modelList, jsonOf(models), 'GET /v1/models while loading')
            else {
              refused(context, models, 503)
              context.tolerate('/v1/models is 503, too')
            }
          }
        }
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      if (loading === 0) throw new Skip(`it was never seen loading (${refusedConnections} connections refused before)`)
    },
  },
  {
    id: 'models.list',
    item: 1,
    what: 'GET /v1/models lists models with id, object, created, owned_by',
    async run({ client, model }) {
      const { data } = shaped(modelList, jsonOf(await client.get('/v1/models')), 'the list')
      demand(
        data.some(({ id }) => id === model),
        `expected ${model} among ${data.map(({ id }) => id).join(', ')}`,
      )
    },
  },
  {
    id: 'models.one',
    item: 1,
    what: 'GET /v1/models/{id} is one of them, or 404',
    async run(context) {
      const { client, model } = context
      const one = await client.get(`/v1/models/${model.split('/').map(encodeURIComponent).join('/')}`)
      if (one.status === 404) return context.tolerate('there is no such route')
      demandEqual(one.status, 200, 'the status')
      demandEqual(shaped(oneModel, jsonOf(one), 'the model').id, model, 'id')
      refused(context, await client.get('/v1/models/no-such-model'), 404)
    },
  },
]
