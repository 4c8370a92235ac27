import { CHAT, COMPLETIONS, chatFields, completionFields, messageOf, ok } from '../ask.ts'
import { type Check, type Context, demand, demandEqual, Skip } from '../check.ts'
import { modelContext } from '../model-context.ts'
import { refused } from '../refusal.ts'
import { chatCompletion, shaped } from '../shapes.ts'

/** Longer ones are not worth the time that their prompts take to read. */
const LONGEST_CONTEXT = 300_000

/** A text of more tokens than fit. */
async function tooLong(context: Context): Promise<string> {
  const length = await modelContext(context)
  if (length === undefined) throw new Skip('the server does not tell its context length')
  if (length > LONGEST_CONTEXT) throw new Skip(`a context of ${length} tokens is not filled here`)
  // A word is a token at least.
  return 'seven '.repeat(length + 16)
}

export const overContext: readonly Check[] = [
  ...[false, true].map(
    (stream): Check => ({
      id: stream ? 'context.stream' : 'context.whole',
      item: 4,
      what: `a prompt over the context is 400 with n_prompt_tokens and n_ctx${stream ? ', streamed too' : ''}`,
      async run(context) {
        const prompt = await tooLong(context)
        for (const [path, fields] of [
          [CHAT, chatFields(context, { messages: [{ role: 'user', content: prompt }], max_tokens: 4, stream })],
          [COMPLETIONS, completionFields(context, { prompt, max_tokens: 4, stream })],
        ] as const) {
          const reply = await context.client.post(path, fields)
          demand(reply.status !== 200, `${path}: expected 400, got 200: the prompt was cut or the context slid`)
          const { n_prompt_tokens: prompted, n_ctx: context_ } = refused(context, reply, 400)
          if (prompted === undefined || context_ === undefined) {
            context.tolerate('the error has no n_prompt_tokens and n_ctx')
            continue
          }
          demand(
            typeof prompted === 'number' && typeof context_ === 'number' && prompted >= context_ && context_ > 0,
            `expected n_prompt_tokens of at least n_ctx, got ${prompted} and ${context_}`,
          )
        }
      },
    }),
  ),
  {
    id: 'context.output',
    item: 4,
    what: 'max_tokens beyond the context is cut to what fits',
    extraSeconds: () => 60,
    async run(context) {
      const length = await modelContext(context)
      if (length === undefined) throw new Skip('the server does not tell its context length')
      if (length > 16_384) throw new Skip(`a context of ${length} tokens is not filled here`)
      const fields = { max_tokens: length * 2, ignore_eos: true }
      const reply = await context.client.post(CHAT, chatFields(context, fields))
      if (reply.status === 400) return context.tolerate(`400: ${messageOf(reply)}`)
      const { choices, usage } = shaped(chatCompletion, ok(reply), 'the chat completion')
      demand(usage.total_tokens <= length, `expected at most ${length} tokens in all, got ${usage.total_tokens}`)
      demandEqual(choices[0]?.finish_reason, 'length', 'finish_reason')
    },
  },
]
