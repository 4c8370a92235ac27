import { z } from 'zod'
import { collectAll } from '../answers/answer.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { readJson } from '../exchange/read-json.ts'
import { parseFields } from '../fields/parse-fields.ts'
import { promptOf } from '../fields/prompts.ts'
import { commonFields, samplingOf } from '../fields/sampling-fields.ts'
import { GENERATE_UNSUPPORTED } from '../fields/unsupported.ts'

const DEFAULT_MAX_TOKENS = 100

const generateSchema = z.looseObject({ ...commonFields, prompt: z.unknown().optional() })

/** `POST /generate`, the plainest route: a prompt in; out come the text and how many tokens it took. */
export async function generate(exchange: Exchange): Promise<void> {
  const body = parseFields(generateSchema, await readJson(exchange.incoming), GENERATE_UNSUPPORTED)
  const { input, field } = promptOf(body.prompt)
  const request = {
    input,
    sampling: { maxTokens: DEFAULT_MAX_TOKENS, ...samplingOf(body) },
    priority: body.priority ?? 0,
    id: exchange.requestId,
  }
  const [answer] = await collectAll(exchange, [{ request, field }])
  const { choices, done } = answer!
  exchange.json(200, {
    text: choices[0]!.text,
    tokens: done.usage.completionTokens,
    finish_reason: done.choices[0]!.finishReason,
  })
}
