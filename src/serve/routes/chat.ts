import { z } from 'zod'
import type { SamplingParams } from '../../engine/index.ts'
import { collectAll, streamAll } from '../answers/answer.ts'
import { ChatShape } from '../answers/chat-shape.ts'
import { newHead } from '../answers/new-head.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { readJson } from '../exchange/read-json.ts'
import { messageSchema, messagesOf } from '../fields/messages.ts'
import { parseFields } from '../fields/parse-fields.ts'
import { commonFields, type Renamed, samplingOf } from '../fields/sampling-fields.ts'
import { CHAT_UNSUPPORTED } from '../fields/unsupported.ts'

const chatSchema = z.looseObject({
  ...commonFields,
  messages: z.array(messageSchema, { error: 'must be a list of messages' }),
  logprobs: z.boolean({ error: 'must be true or false' }).nullish(),
  top_logprobs: z.number({ error: 'must be a number' }).nullish(),
  chat_template_kwargs: z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish(),
})

/** `POST /v1/chat/completions` */
export async function chat(exchange: Exchange): Promise<void> {
  const body = parseFields(chatSchema, await readJson(exchange.incoming), CHAT_UNSUPPORTED)
  const templateOptions = body.chat_template_kwargs
  const input = { messages: messagesOf(body.messages), ...(templateOptions && { templateOptions }) }
  const likelihoods: SamplingParams = {
    ...(typeof body.logprobs === 'boolean' && { logprobs: body.logprobs }),
    ...(typeof body.top_logprobs === 'number' && { topLogprobs: body.top_logprobs }),
  }
  const request = {
    input,
    sampling: samplingOf(body, likelihoods),
    priority: body.priority ?? 0,
    id: exchange.requestId,
  }
  const renamed: Renamed = typeof body.max_completion_tokens === 'number' ? { maxTokens: 'max_completion_tokens' } : {}
  const asked = [{ request, field: 'messages', renamed }]
  const shape = new ChatShape(newHead(exchange, 'chatcmpl'), body.stream_options?.include_usage === true)
  if (body.stream) await streamAll(exchange, asked, shape)
  else exchange.json(200, shape.whole(await collectAll(exchange, asked)))
}
