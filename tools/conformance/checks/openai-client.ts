import OpenAI, { APIUserAbortError, BadRequestError, NotFoundError } from 'openai'
import { type Check, type Context, demand, demandEqual } from '../check.ts'

function clientOf({ client, key, options }: Context): OpenAI {
  const timeout = options.timeout * 1000
  return new OpenAI({ baseURL: `${client.url}/v1`, apiKey: key ?? 'none', maxRetries: 0, timeout })
}

const messages = [{ role: 'user' as const, content: 'What is a prefix cache?' }]

export const openaiClient: readonly Check[] = [
  {
    id: 'clients.whole',
    item: 19,
    what: 'the openai package: models, a chat, a completion',
    async run(context) {
      const openai = clientOf(context)
      const { model } = context
      const listed: string[] = []
      for await (const { id } of openai.models.list()) listed.push(id)
      demand(listed.includes(model), `expected ${model} among ${listed}`)
      const chat = await openai.chat.completions.create({ model, messages, max_tokens: 4 })
      demand(chat.choices[0]?.message.role === 'assistant' && chat.usage, 'the chat has no answer or no usage')
      const completion = await openai.completions.create({ model, prompt: 'A cache is', max_tokens: 4 })
      demandEqual(typeof completion.choices[0]?.text, 'string', 'the type of a completion’s text')
    },
  },
  {
    id: 'clients.stream',
    item: 19,
    what: 'the openai package: a stream, put together by its helper',
    async run(context) {
      const { model } = context
      const stream = clientOf(context).chat.completions.stream({
        model,
        messages,
        max_tokens: 8,
        stream_options: { include_usage: true },
      })
      let text = ''
      stream.on('content', delta => {
        text += delta
      })
      const answer = await stream.finalChatCompletion()
      demandEqual(answer.choices[0]?.message.content, text, 'the content')
      demand(answer.usage?.completion_tokens, 'there is no usage')
    },
  },
  {
    id: 'clients.errors',
    item: 19,
    what: 'the openai package: errors arrive as its classes, with message and type',
    async run(context) {
      const openai = clientOf(context)
      const { model } = context
      const bad = await openai.chat.completions
        .create({ model, messages: 'Hello' as never })
        .catch((error: unknown) => error)
      demand(bad instanceof BadRequestError, `expected a BadRequestError, got ${bad}`)
      demand(/\w/.test(bad.message) && typeof bad.type === 'string', `the error has type ${bad.type}`)
      const missing = await openai.models.retrieve('no-such-model').catch((error: unknown) => error)
      demand(missing instanceof NotFoundError, `expected a NotFoundError, got ${missing}`)
    },
  },
  {
    id: 'clients.abort',
    item: 19,
    what: 'the openai package: a stream that is left early leaves the server well',
    async run(context) {
      const openai = clientOf(context)
      const { model } = context
      const create = { model, messages, max_tokens: 200, stream: true } as const
      for await (const _ of await openai.chat.completions.create(create)) break
      const controller = new AbortController()
      const stream = await openai.chat.completions.create(create, { signal: controller.signal })
      try {
        for await (const _ of stream) controller.abort()
      } catch (error) {
        demand(error instanceof APIUserAbortError, `expected an abort, got ${error}`)
      }
      demandEqual((await context.client.get('/health')).status, 200, '/health afterwards')
    },
  },
]
