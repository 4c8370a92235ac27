import { z } from 'zod'
import { collectAll, streamAll } from '../answers/answer.ts'
import { CompletionShape } from '../answers/completion-shape.ts'
import { newHead } from '../answers/new-head.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { readJson } from '../exchange/read-json.ts'
import { parseFields } from '../fields/parse-fields.ts'
import { promptsOf } from '../fields/prompts.ts'
import { commonFields, samplingOf } from '../fields/sampling-fields.ts'
import { COMPLETION_UNSUPPORTED } from '../fields/unsupported.ts'

/** OpenAI's, and vLLM's. */
const DEFAULT_MAX_TOKENS = 16

const completionSchema = z.looseObject({
  ...commonFields,
  prompt: z.unknown().optional(),
  /** Unlike in chat a number: how many likeliest tokens to tell beside the chosen one. */
  logprobs: z.number({ error: 'must be a number' }).nullish(),
})

/** `POST /v1/completions` */
export async function completions(exchange: Exchange): Promise<void> {
  const body = parseFields(completionSchema, await readJson(exchange.incoming), COMPLETION_UNSUPPORTED)
  const prompts = promptsOf(body.prompt)
  const sampling = {
    maxTokens: DEFAULT_MAX_TOKENS,
    ...samplingOf(body, typeof body.logprobs === 'number' ? { logprobs: true, topLogprobs: body.logprobs } : {}),
  }
  const asked = prompts.map(({ input, field }, i) => ({
    request: {
      input,
      sampling,
      priority: body.priority ?? 0,
      id: prompts.length === 1 ? exchange.requestId : `${exchange.requestId}-${i}`,
    },
    field,
    renamed: { topLogprobs: 'logprobs' },
  }))
  const shape = new CompletionShape(newHead(exchange, 'cmpl'), body.stream_options?.include_usage === true)
  if (body.stream) await streamAll(exchange, asked, shape)
  else exchange.json(200, shape.whole(await collectAll(exchange, asked)))
}
