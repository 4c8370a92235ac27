import { z } from 'zod'
import { type Engine, type Input, validateRequest } from '../../engine/index.ts'
import { answerStreamed, answerWhole } from '../answers/answer.ts'
import { type Asked, translated } from '../answers/asked.ts'
import { LlamaShape } from '../answers/llama-shape.ts'
import { modelOf } from '../answers/new-head.ts'
import { toldContext } from '../answers/told-context.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { flag, text } from '../fields/field-types.ts'
import { llamaPromptField, llamaPromptsOf } from '../fields/llama-prompts.ts'
import { llamaNames, llamaSamplingFields, llamaSamplingOf } from '../fields/llama-sampling.ts'
import { commonFields } from '../fields/sampling-fields.ts'
import { LLAMA_UNSUPPORTED } from '../fields/unsupported.ts'
import { llamaCompletionChunk, llamaCompletion as reply } from '../replies/llama-completion.ts'
import { requestOf } from './request-of.ts'
import { bodyRoute } from './route.ts'

const MAX_RESPONSE_FIELDS = 64

const schema = z.looseObject({
  prompt: llamaPromptField,
  ...commonFields,
  ...llamaSamplingFields,
  return_tokens: flag.meta({ description: 'Tells the output’s token ids, too; a stream always does.', default: false }),
  timings_per_token: flag.meta({ description: 'Tells the timings with each event of a stream.', default: false }),
  response_fields: z
    .array(text, { error: 'must be a list of strings' })
    .max(MAX_RESPONSE_FIELDS, { error: `must have at most ${MAX_RESPONSE_FIELDS} entries` })
    .nullish()
    .meta({ description: 'What of the answer to send, e.g. content or timings/predicted_n. Default: all.' }),
})

/** llama.cpp's own, from before it spoke OpenAI's. */
export const llamaCompletion = bodyRoute({
  path: '/completion',
  aliases: ['/completions'],
  scope: 'user',
  group: 'text',
  summary: 'Continues a prompt, or several, as llama.cpp’s server does: with timings.',
  body: {
    schema,
    unsupported: LLAMA_UNSUPPORTED,
    example: { prompt: 'Once upon a time', n_predict: 32 },
  },
  reply: {
    description: 'The continuation; a list of them where several were asked for.',
    schema: reply,
    streams: true,
    chunk: llamaCompletionChunk,
  },
  async handle(exchange, body) {
    const engine = exchange.host.engine()
    const sampling = llamaSamplingOf(body)
    const prompts = await llamaPromptsOf(engine, body.prompt)
    const renamed = llamaNames(body)
    const asked = prompts.map(({ input, field }, i): Asked => {
      const index = prompts.length === 1 ? undefined : i
      return { request: requestOf(exchange, body, input, sampling, index), field, renamed }
    })
    const responseFields = body.response_fields ?? undefined
    const checked = []
    for (const one of asked) checked.push(await translated(one, check(exchange, one, responseFields)))
    const shape = new LlamaShape({
      model: modelOf(exchange, body.model),
      texts: checked.map(({ text }) => text),
      sampling: checked[0]!.sampling,
      contextLength: toldContext(engine.info),
      stream: body.stream === true,
      returnTokens: body.return_tokens === true,
      timingsPerToken: body.timings_per_token === true,
      responseFields,
    })
    if (body.stream) await answerStreamed(exchange, asked, shape)
    else await answerWhole(exchange, asked, (answers, progress) => shape.whole(answers, progress))
  },
})

/** The prompt's text is made of its tokens only where somebody sees it, and once they are known to be right. */
async function check({ host }: Exchange, { request }: Asked, fields: readonly string[] | undefined) {
  const engine = host.engine()
  const sampling = validateRequest(request, engine.info)
  const seen = fields === undefined || fields.includes('prompt')
  return { sampling, text: seen ? await textOf(request.input, engine) : '' }
}

async function textOf(input: Input, engine: Engine): Promise<string> {
  if ('text' in input) return input.text
  return 'tokens' in input ? await engine.detokenize(input.tokens) : ''
}
