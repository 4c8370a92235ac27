import { z } from 'zod'
import { Failure, show } from './check.ts'

/** What OpenAI's clients rely on; more fields may stand beside these. */

const count = z.number().int().min(0)

const usage = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.looseObject({ cached_tokens: count.optional() }).nullish(),
})
export type Usage = z.infer<typeof usage>

const likelihood = {
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.number().int().min(0).max(255)).nullish(),
}
const chatLogprobs = z.looseObject({
  content: z.array(z.looseObject({ ...likelihood, top_logprobs: z.array(z.looseObject(likelihood)) })).nullable(),
})
export type ChatLogprobs = z.infer<typeof chatLogprobs>

const completionLogprobs = z.looseObject({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
  text_offset: z.array(count),
})

const finishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call'])

const toolCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
})

const head = { id: z.string().min(1), created: z.number().int(), model: z.string() }

export const chatCompletion = z.looseObject({
  ...head,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.looseObject({
      index: count,
      message: z.looseObject({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        tool_calls: z.array(toolCall).nullish(),
      }),
      logprobs: chatLogprobs.nullish(),
      finish_reason: finishReason,
    }),
  ),
  usage,
})
export type ChatCompletion = z.infer<typeof chatCompletion>

export const chatChunk = z.looseObject({
  ...head,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.looseObject({
      index: count,
      delta: z.looseObject({
        role: z.string().nullish(),
        content: z.string().nullish(),
        tool_calls: z
          .array(
            z.looseObject({
              index: count,
              id: z.string().nullish(),
              function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
            }),
          )
          .nullish(),
      }),
      logprobs: chatLogprobs.nullish(),
      finish_reason: finishReason.nullish(),
    }),
  ),
  usage: usage.nullish(),
})
export type ChatChunk = z.infer<typeof chatChunk>

const completionChoice = { index: count, text: z.string(), logprobs: completionLogprobs.nullish() }

export const textCompletion = z.looseObject({
  ...head,
  object: z.literal('text_completion'),
  choices: z.array(z.looseObject({ ...completionChoice, finish_reason: finishReason })),
  usage,
})
export type TextCompletion = z.infer<typeof textCompletion>

export const textChunk = z.looseObject({
  ...head,
  object: z.literal('text_completion'),
  choices: z.array(z.looseObject({ ...completionChoice, finish_reason: finishReason.nullish() })),
  usage: usage.nullish(),
})
export type TextChunk = z.infer<typeof textChunk>

const model = z.looseObject({
  id: z.string().min(1),
  object: z.literal('model'),
  created: z.number().int(),
  owned_by: z.string(),
  max_model_len: count.nullish(),
  meta: z.looseObject({ n_ctx: count.nullish(), n_ctx_train: count.nullish() }).nullish(),
})
export const modelList = z.looseObject({ object: z.literal('list'), data: z.array(model) })
export const oneModel = model

export const errorBody = z.looseObject({
  error: z.looseObject({
    message: z.string().min(1),
    type: z.string().min(1),
    param: z.string().nullish(),
    code: z.union([z.string(), z.number()]).nullish(),
  }),
})

/** `value` in a shape, or a failure that says where it departs from it. */
export function shaped<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  const at = path.length === 0 ? what : `${what}: ${path.join('.')}`
  throw new Failure(`${at}: ${message}, in ${show(value, 120)}`)
}
