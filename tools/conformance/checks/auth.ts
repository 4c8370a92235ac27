import { CHAT, chatFields } from '../ask.ts'
import { type Check, demand, demandEqual, Skip } from '../check.ts'
import { refused } from '../refusal.ts'

export const auth: readonly Check[] = [
  {
    id: 'auth.public',
    item: 2,
    what: 'GET /health needs no key',
    needs: ['key'],
    async run({ client }) {
      demandEqual((await client.withKey(undefined).get('/health')).status, 200, 'the status')
    },
  },
  {
    id: 'auth.required',
    item: 2,
    what: 'without a key, or with a wrong one, the rest is 401 with an error',
    needs: ['key'],
    async run(context) {
      const fields = chatFields(context, { max_tokens: 1 })
      for (const key of [undefined, 'wrong', `${context.key}x`, context.key!.slice(1), '']) {
        const error = refused(context, await context.client.withKey(key).post(CHAT, fields), 401)
        demandEqual(error.type, 'authentication_error', 'the type of the error')
        demand(!String(error.message).includes(context.key!), 'the error tells the key')
      }
    },
  },
  {
    id: 'auth.first',
    item: 2,
    what: 'the key is asked for before the body is read, and on streams, too',
    needs: ['key'],
    async run(context) {
      const stranger = context.client.withKey(undefined)
      refused(context, await stranger.post(CHAT, 'no JSON'), 401)
      refused(context, await stranger.post(CHAT, chatFields(context, { stream: true })), 401)
    },
  },
  {
    id: 'auth.bearer',
    item: 2,
    what: 'Authorization: Bearer KEY opens',
    needs: ['key'],
    async run(context) {
      const reply = await context.client.post(CHAT, chatFields(context, { max_tokens: 1 }))
      demandEqual(reply.status, 200, 'the status')
    },
  },
  {
    id: 'auth.x-api-key',
    item: 2,
    what: 'X-Api-Key: KEY opens',
    needs: ['key'],
    async run(context) {
      const stranger = context.client.withKey(undefined)
      const reply = await stranger.post(CHAT, chatFields(context, { max_tokens: 1 }), { 'x-api-key': context.key })
      if (reply.status === 401) return context.tolerate('the header is not read')
      demandEqual(reply.status, 200, 'the status')
    },
  },
  {
    id: 'auth.preflight',
    item: 2,
    what: 'a CORS preflight needs no key',
    async run(context) {
      const reply = await context.client.withKey(undefined).send(CHAT, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:3000',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      })
      const allowed = reply.headers['access-control-allow-origin']
      demand(reply.status !== 401, 'a preflight was asked for a key')
      if (allowed === undefined) throw new Skip(`CORS is off (${reply.status})`)
      demand(reply.status === 200 || reply.status === 204, `expected 200 or 204, got ${reply.status}`)
      demand(['*', 'http://localhost:3000'].includes(allowed), `Access-Control-Allow-Origin is ${allowed}`)
      const methods = reply.headers['access-control-allow-methods'] ?? ''
      demand(methods === '*' || /\bPOST\b/.test(methods), `Access-Control-Allow-Methods is ${methods}`)
    },
  },
]
