import { chat, complete, streamChat, streamCompletion } from '../ask.ts'
import { type Check, type Context, demand, demandEqual } from '../check.ts'
import type { Usage } from '../shapes.ts'

/** Whole and streamed, of both kinds. */
const KINDS = {
  chat: {
    whole: async (context: Context) => (await chat(context)).usage,
    streamed: async (context: Context, fields: object) => (await streamChat(context, { ...fields })).chunks,
  },
  completion: {
    whole: async (context: Context) => (await complete(context)).usage,
    streamed: async (context: Context, fields: object) => (await streamCompletion(context, { ...fields })).chunks,
  },
}

/** What does not depend on what the cache holds. */
function counts({ prompt_tokens, completion_tokens, total_tokens }: Usage): readonly number[] {
  return [prompt_tokens, completion_tokens, total_tokens]
}

export const usage: readonly Check[] = [
  ...Object.entries(KINDS).map(
    ([kind, { whole, streamed }]): Check => ({
      id: `usage.${kind}`,
      item: 6,
      what: `include_usage: one more chunk of a ${kind}, without choices, with the usage`,
      async run(context) {
        const expected = await whole(context)
        demandEqual(expected.total_tokens, expected.prompt_tokens + expected.completion_tokens, 'total_tokens')
        demand(expected.prompt_tokens > 0 && expected.completion_tokens > 0, 'a count is 0')
        const chunks = await streamed(context, { stream_options: { include_usage: true } })
        const last = chunks.at(-1)!
        demandEqual(last.choices, [], 'choices of the last chunk')
        demand(last.usage, 'the last chunk has no usage')
        demandEqual(counts(last.usage), counts(expected), 'prompt, completion and total tokens')
        demand(
          chunks.slice(0, -1).every(chunk => !chunk.usage && chunk.choices.length > 0),
          'a chunk before the last has usage or no choices',
        )
      },
    }),
  ),
  {
    id: 'usage.absent',
    item: 6,
    what: 'without include_usage no chunk has usage, and none is without choices',
    async run(context) {
      for (const fields of [{}, { stream_options: { include_usage: false } }, { stream_options: null }])
        for (const chunk of (await streamChat(context, fields)).chunks) {
          demand(chunk.choices.length > 0, `a chunk has no choices, with ${JSON.stringify(fields)}`)
          if (chunk.usage) context.tolerate(`a chunk has usage, with ${JSON.stringify(fields)}`)
        }
    },
  },
]
