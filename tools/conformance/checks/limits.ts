import { CHAT, chat, chatFields, complete, messageOf, ok, streamChat } from '../ask.ts'
import { type Check, demand, demandEqual, Skip } from '../check.ts'

export const limits: readonly Check[] = [
  {
    id: 'limits.one',
    item: 14,
    what: 'max_tokens of 1 gives one token and finish_reason length',
    async run(context) {
      const { choices, usage } = await chat(context, { max_tokens: 1 })
      demandEqual([usage.completion_tokens, choices[0]?.finish_reason], [1, 'length'], 'tokens and finish_reason')
      const { chunks } = await streamChat(context, { max_tokens: 1 })
      demandEqual(chunks.flatMap(chunk => chunk.choices).at(-1)?.finish_reason, 'length', 'finish_reason, streamed')
    },
  },
  {
    id: 'limits.zero',
    item: 14,
    what: 'max_tokens of 0 gives none',
    async run(context) {
      const reply = await context.client.post(CHAT, chatFields(context, { max_tokens: 0 }))
      if (reply.status === 400) return context.tolerate(`400: ${messageOf(reply)}`)
      const { choices, usage } = await chat(context, { max_tokens: 0 })
      if (usage.completion_tokens === 1) return context.tolerate('there is one token')
      demandEqual([usage.completion_tokens, choices[0]?.message.content ?? ''], [0, ''], 'tokens and text')
    },
  },
  {
    id: 'limits.newer-name',
    item: 14,
    what: 'max_completion_tokens is read, too',
    async run(context) {
      const { usage } = await chat(context, { max_tokens: undefined, max_completion_tokens: 3, ignore_eos: true })
      demandEqual(usage.completion_tokens, 3, 'completion_tokens')
    },
  },
  {
    id: 'limits.ignore-eos',
    item: 14,
    what: 'ignore_eos gives as many tokens as max_tokens says',
    async run(context) {
      const { usage, choices } = await complete(context, { max_tokens: 60, ignore_eos: true })
      demandEqual([usage.completion_tokens, choices[0]?.finish_reason], [60, 'length'], 'tokens and finish_reason')
    },
  },
  {
    id: 'limits.n-predict',
    item: 14,
    what: '/completion: n_predict of 0 fills the cache, −1 goes on to the end',
    async run(context) {
      const predict = async (n_predict: number) => {
        const reply = await context.client.post('/completion', {
          prompt: 'A prefix cache is',
          n_predict,
          stop: ['. '],
          temperature: 0,
        })
        if (reply.status === 404) throw new Skip('there is no /completion')
        return ok(reply) as { content?: unknown; tokens_predicted?: unknown; stop_type?: unknown }
      }
      const none = await predict(0)
      if (none.content !== '') context.tolerate(`n_predict of 0 gave ${JSON.stringify(none.content)}`)
      const all = await predict(-1)
      demand(typeof all.content === 'string' && all.content.length > 0, 'n_predict of −1 gave no text')
    },
  },
]
