import type { z } from 'zod'
import { SAMPLING_RANGES as R, type SamplingParams } from '../../engine/index.ts'
import { inRange } from './in-range.ts'
import { llamaLogitBiasField, llamaLogitBiasOf } from './llama-logit-bias.ts'
import { type Renamed, samplingFields, samplingOf } from './sampling-fields.ts'

/** −1 is as many as the context holds. */
const LIMIT = { ...R.maxTokens, min: -1 }

/** Sampling by llama.cpp's names, beside those of the other routes. */
export const llamaSamplingFields = {
  ...samplingFields,
  n_predict: inRange(LIMIT, 'Tokens of output at most; −1 is as many as the context holds.', {
    default: -1,
  }),
  max_completion_tokens: inRange(LIMIT, 'Another name of n_predict.'),
  max_tokens: inRange(LIMIT, 'Another name of n_predict.'),
  repeat_penalty: inRange(R.repetitionPenalty, 'The same as repetition_penalty, which it overrules.'),
  n_probs: inRange(
    R.topLogprobs,
    'Tells the log-probability of each token, and so many likeliest ones beside it; 0 tells none.',
    { default: 0 },
  ),
  logprobs: inRange(R.topLogprobs, 'Another name of n_probs.'),
  n_cmpl: inRange(R.n, 'How many answers to each prompt, each drawn on its own. Another name of n.'),
  logit_bias: llamaLogitBiasField,
}

type LlamaSamplingFields = z.infer<z.ZodObject<typeof llamaSamplingFields>>

/** @throws InvalidRequestError, UnsupportedError */
export function llamaSamplingOf(fields: LlamaSamplingFields): SamplingParams {
  const limit = fields.n_predict ?? fields.max_completion_tokens ?? fields.max_tokens ?? -1
  const likeliest = fields.n_probs ?? fields.logprobs ?? 0
  return samplingOf(
    { ...fields, logit_bias: undefined },
    {
      maxTokens: limit === -1 ? undefined : limit,
      repetitionPenalty: fields.repeat_penalty ?? fields.repetition_penalty ?? undefined,
      logitBias: llamaLogitBiasOf(fields.logit_bias),
      n: fields.n_cmpl ?? fields.n ?? undefined,
      ...(likeliest !== 0 && { logprobs: true, topLogprobs: likeliest }),
    },
  )
}

/** By which of its names the client said each. */
export function llamaNames(fields: LlamaSamplingFields): Renamed {
  const given = (name: keyof LlamaSamplingFields) => fields[name] !== undefined && fields[name] !== null
  return {
    maxTokens: given('n_predict')
      ? 'n_predict'
      : given('max_completion_tokens')
        ? 'max_completion_tokens'
        : 'max_tokens',
    topLogprobs: given('n_probs') ? 'n_probs' : 'logprobs',
    ...(given('repeat_penalty') && { repetitionPenalty: 'repeat_penalty' }),
    ...(given('n_cmpl') && { n: 'n_cmpl' }),
  }
}
