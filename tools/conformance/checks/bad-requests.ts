import { CHAT, COMPLETIONS, chat, chatFields, type Fields } from '../ask.ts'
import { type Check, type Context, demand, demandEqual } from '../check.ts'
import { raw } from '../http/raw.ts'
import { refused } from '../refusal.ts'

/** Other statuses that have a reason, by what they are given for. */
type Tolerated = Readonly<Record<number, string>>

const ACCEPTED: Tolerated = { 200: 'it is answered all the same' }
const UNPROCESSABLE: Tolerated = { 422: 'refused as unprocessable' }

interface BadBody {
  readonly name: string
  readonly what: string
  readonly path?: string
  /** Fields of a chat to set, or a whole body. */
  readonly fields?: Fields
  readonly body?: string | Uint8Array
  readonly tolerated?: Tolerated
}

const BAD_BODIES: readonly BadBody[] = [
  { name: 'broken-json', what: 'broken JSON is 400', body: '{"messages": [' },
  { name: 'empty-body', what: 'an empty body is 400', body: '' },
  { name: 'not-an-object', what: 'a body that is a list is 400', body: '[]' },
  { name: 'not-utf8', what: 'a body that is not UTF-8 is 400', body: notUtf8() },
  {
    name: 'deep',
    what: 'a body that nests 100 000 deep is 400',
    body: `{"messages":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
  },
  { name: 'no-messages', what: 'a chat without messages is 400', body: '{"model":"m"}' },
  { name: 'messages-no-list', what: 'messages that are no list are 400', fields: { messages: 'Hello' } },
  { name: 'no-message', what: 'an empty list of messages is 400', fields: { messages: [] }, tolerated: ACCEPTED },
  { name: 'message-no-object', what: 'a message that is no object is 400', fields: { messages: ['Hello'] } },
  { name: 'no-role', what: 'a message without a role is 400', fields: { messages: [{ content: 'Hello' }] } },
  {
    name: 'content-number',
    what: 'content that is a number is 400',
    fields: { messages: [{ role: 'user', content: 5 }] },
  },
  { name: 'temperature-text', what: 'a temperature that is text is 400', fields: { temperature: 'hot' } },
  {
    name: 'temperature-negative',
    what: 'a negative temperature is 400',
    fields: { temperature: -1 },
    tolerated: ACCEPTED,
  },
  { name: 'top-p', what: 'top_p of 2 is 400', fields: { top_p: 2 }, tolerated: ACCEPTED },
  { name: 'max-tokens-text', what: 'max_tokens that is text is 400', fields: { max_tokens: 'many' } },
  {
    name: 'max-tokens-negative',
    what: 'max_tokens of −2 is 400',
    fields: { max_tokens: -2 },
    tolerated: ACCEPTED,
  },
  { name: 'n-zero', what: 'n of 0 is 400', fields: { n: 0 }, tolerated: ACCEPTED },
  { name: 'stop-number', what: 'stop that is a number is 400', fields: { stop: 5 }, tolerated: ACCEPTED },
  { name: 'no-prompt', what: 'a completion without a prompt is 400', path: COMPLETIONS, body: '{"max_tokens":1}' },
  {
    name: 'prompt-object',
    what: 'a prompt that is an object is 400',
    path: COMPLETIONS,
    body: '{"prompt":{"text":"Hello"},"max_tokens":1}',
  },
]

const badBodies: readonly Check[] = BAD_BODIES.map(({ name, what, path = CHAT, fields, body, tolerated }) => ({
  id: `errors.${name}`,
  item: 3,
  what,
  async run(context) {
    const sent = body ?? chatFields(context, { max_tokens: 1, ...fields })
    refused(context, await context.client.post(path, sent), 400, { ...UNPROCESSABLE, ...tolerated })
    await demandAlive(context)
  },
}))

export const badRequests: readonly Check[] = [
  ...badBodies,
  {
    id: 'errors.content-type',
    item: 3,
    what: 'a body that is not sent as application/json is 415',
    async run(context) {
      const body = JSON.stringify(chatFields(context, { max_tokens: 1 }))
      const reply = await context.client.post(CHAT, body, { 'content-type': 'text/plain' })
      refused(context, reply, 415, { 400: 'refused as a bad request', ...ACCEPTED })
    },
  },
  {
    id: 'errors.unknown-field',
    item: 3,
    what: 'unknown fields change nothing, and null is as good as absent',
    async run(context) {
      const plain = await chat(context)
      const noted = await chat(context, {
        x_unknown: { a: [1] },
        metadata: {},
        stop: null,
        seed: null,
        logit_bias: null,
      })
      demandEqual(noted.choices[0]?.message.content, plain.choices[0]?.message.content, 'the text')
    },
  },
  {
    id: 'errors.method',
    item: 3,
    what: 'a wrong method is 405 with Allow',
    async run(context) {
      for (const [path, method, allowed] of [
        [CHAT, 'GET', 'POST'],
        [CHAT, 'DELETE', 'POST'],
        ['/health', 'POST', 'GET'],
      ] as const) {
        const reply = await context.client.send(path, { method, ...(method === 'POST' && { body: {} }) })
        refused(context, reply, 405, { 404: `${method} ${path} is no route` })
        if (reply.status !== 405) continue
        const allow = reply.headers.allow
        if (allow === undefined) context.tolerate('no Allow header')
        else demand(allow.split(/, */).includes(allowed), `${path}: Allow is ${allow}, without ${allowed}`)
      }
    },
  },
  {
    id: 'errors.path',
    item: 3,
    what: 'an unknown path is 404 with an error',
    async run(context) {
      refused(context, await context.client.get('/v1/no/such/path'), 404)
      refused(context, await context.client.post('/v1/no/such/path', {}), 404)
    },
  },
  {
    id: 'errors.too-large',
    item: 3,
    what: 'a body of a declared terabyte is 413, before it is read',
    async run(context) {
      const { client, key, signal, options } = context
      const authorization = key === undefined ? '' : `Authorization: Bearer ${key}\r\n`
      const head = `POST ${CHAT} HTTP/1.1\r\nHost: ${new URL(client.url).host}\r\n${authorization}Content-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n{`
      const reply = await raw(client.url, head, Math.min(5000, options.timeout * 500), signal)
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(reply)?.[1] ?? 0)
      await demandAlive(context)
      if (status === 0) return context.tolerate('it waits for all of it')
      if (status === 400) return context.tolerate('400')
      demandEqual(status, 413, 'the status')
    },
  },
  {
    id: 'errors.garbage',
    item: 3,
    what: 'bytes that are no HTTP are 400 or a closed connection',
    async run(context) {
      for (const bytes of [
        '\u0000\u0001\u0002\r\n\r\n',
        'HELLO\r\n\r\n',
        `GET /${'a'.repeat(1e5)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      ]) {
        const reply = await raw(context.client.url, bytes, 2000, context.signal)
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(reply)?.[1]
        demand(
          status === undefined || /^4/.test(status),
          `expected 4xx or nothing for ${JSON.stringify(bytes.slice(0, 20))}, got ${reply.slice(0, 60)}`,
        )
      }
      await demandAlive(context)
    },
  },
]

async function demandAlive({ client }: Context): Promise<void> {
  demandEqual((await client.get('/health')).status, 200, '/health afterwards')
}

function notUtf8(): Uint8Array {
  return Buffer.concat([
    Buffer.from('{"messages":[{"role":"user","content":"'),
    Buffer.from([0xc3, 0x28, 0xff]),
    Buffer.from('"}],"max_tokens":1}'),
  ])
}
