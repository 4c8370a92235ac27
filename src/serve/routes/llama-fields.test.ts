import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { done, saying, scriptedEngine, start, tokens } from '../../../test/scripted-engine.ts'
import type { GenerateRequest } from '../../engine/index.ts'
import { type Server, serve } from '../index.ts'

/** What the engine was asked. */
const seen: GenerateRequest[] = []
let server: Server
beforeAll(async () => {
  const engine = scriptedEngine(request => {
    seen.push(request)
    return saying(start, tokens('a', [1]), done())()
  })
  server = await serve({ engine, port: 0 })
})
beforeEach(() => {
  seen.length = 0
})
afterAll(() => server.close())

function post(body: object): Promise<Response> {
  return fetch(`${server.url}/completion`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

describe('the prompt', () => {
  test.each<[unknown, number[][]]>([
    ['ab', [[97, 98]]],
    [[1, 2, 3], [[1, 2, 3]]],
    [[1, 'ab', 2], [[1, 97, 98, 2]]],
    [['ab', 1], [[97, 98, 1]]],
    [['', 1, ''], [[1]]],
    [{ prompt_string: 'ab' }, [[97, 98]]],
    [{ prompt_string: 'ab', multimodal_data: [] }, [[97, 98]]],
    [
      ['ab', 'c'],
      [[97, 98], [99]],
    ],
    [
      [['a', 5], 'b', [7], { prompt_string: 'c' }],
      [[97, 5], [98], [7], [99]],
    ],
  ])('%j', async (prompt, expected) => {
    const response = await post({ prompt, response_fields: ['index'] })
    expect(seen.map(({ input }) => 'tokens' in input && input.tokens)).toEqual(expected)
    const results = expected.map((_, index) => ({ index }))
    expect(await response.json()).toEqual(expected.length === 1 ? results[0] : results)
  })

  test.each<[object, object]>([
    [{}, {}],
    [{ n_predict: -1, seed: -1, top_k: -1 }, { topK: 0 }],
    [{ n_predict: 0 }, { maxTokens: 0 }],
    [{ max_tokens: 5 }, { maxTokens: 5 }],
    [{ n_predict: 7, max_tokens: 5 }, { maxTokens: 7 }],
    [{ n_probs: 3 }, { logprobs: true, topLogprobs: 3 }],
    [{ logprobs: 2 }, { logprobs: true, topLogprobs: 2 }],
    [{ repeat_penalty: 1.5, repeat_last_n: -1 }, { repetitionPenalty: 1.5 }],
    [{ repetition_penalty: 1.5 }, { repetitionPenalty: 1.5 }],
    [
      {
        logit_bias: [
          [5, 1.5],
          [6, false],
        ],
      },
      { logitBias: { 5: 1.5, 6: -100 } },
    ],
    [{ logit_bias: { 5: 1.5, 6: false } }, { logitBias: { 5: 1.5, 6: -100 } }],
    [
      { stop: ['a'], ignore_eos: true, min_p: 0.1 },
      { stop: ['a'], ignoreEos: true, minP: 0.1 },
    ],
  ])('with %j', async (fields, expected) => {
    expect((await post({ prompt: 'ab', ...fields })).status).toBe(200)
    expect(seen[0]!.sampling).toEqual(expected)
  })
})

describe('refused', () => {
  const LIST = 'prompt must be a string, a list of token ids and strings, or a list of such prompts'

  test.each<[object, number, string, string]>([
    [{}, 400, 'prompt', LIST],
    [{ prompt: 5 }, 400, 'prompt', LIST],
    [{ prompt: '' }, 400, 'prompt', 'prompt must not be empty'],
    [{ prompt: [] }, 400, 'prompt', 'prompt must not be empty'],
    [{ prompt: Array(129).fill('a') }, 400, 'prompt', 'prompt must have at most 128 entries, got 129'],
    [{ prompt: ['a', []] }, 400, 'prompt[1]', 'prompt[1] must not be empty'],
    [{ prompt: ['a', ''] }, 400, 'prompt[1]', 'prompt[1] must not be empty'],
    [{ prompt: [1, 'a', 100] }, 400, 'prompt[2]', 'prompt[2] must be a token id from 0 to 99, got 100'],
    [{ prompt: [1, 1.5] }, 400, 'prompt[1]', 'prompt[1] must be a token id from 0 to 99, got 1.5'],
    [{ prompt: [[1, null]] }, 400, 'prompt[0][1]', 'prompt[0][1] must be a string or a token id'],
    [{ prompt: {} }, 400, 'prompt.prompt_string', 'prompt.prompt_string must be a string'],
    [
      { prompt: [{ prompt_string: 'a', multimodal_data: ['b'] }] },
      501,
      'prompt[0].multimodal_data',
      'prompt[0].multimodal_data is not supported: only text is read',
    ],
    [{ prompt: 'a', n_predict: -2 }, 400, 'n_predict', 'n_predict must be a whole number of at least 0, got -2'],
    [{ prompt: 'a', max_tokens: -2 }, 400, 'max_tokens', 'max_tokens must be a whole number of at least 0, got -2'],
    [{ prompt: 'a', n_probs: 21 }, 400, 'n_probs', 'n_probs must be a whole number from 0 to 20, got 21'],
    [{ prompt: 'a', logprobs: 21 }, 400, 'logprobs', 'logprobs must be a whole number from 0 to 20, got 21'],
    [
      { prompt: 'a', repeat_penalty: 0 },
      400,
      'repeat_penalty',
      'repeat_penalty must be a number above 0 and at most 10, got 0',
    ],
    [{ prompt: 'a', n_cmpl: 17 }, 400, 'n_cmpl', 'n_cmpl must be a whole number from 1 to 16, got 17'],
    [{ prompt: 'a', logit_bias: 5 }, 400, 'logit_bias', 'logit_bias must be a list of pairs or an object'],
    [{ prompt: 'a', logit_bias: [[1]] }, 400, 'logit_bias[0]', 'logit_bias[0] must be a pair of token id and bias'],
    [{ prompt: 'a', logit_bias: [[null, 1]] }, 400, 'logit_bias[0]', 'logit_bias[0] must begin with a token id'],
    [
      { prompt: 'a', logit_bias: [[1, true]] },
      400,
      'logit_bias[0]',
      'logit_bias[0] must have a number, or false, as its bias',
    ],
    [
      { prompt: 'a', logit_bias: [[100, 1]] },
      400,
      'logit_bias',
      'logit_bias must have token ids from 0 to 99 as keys, got "100"',
    ],
    [
      {
        prompt: 'a',
        logit_bias: [
          [1, 1],
          ['Hello', 1],
        ],
      },
      501,
      'logit_bias[1]',
      'logit_bias[1] names a text, which is not supported: name token ids, as /tokenize gives',
    ],
    [{ prompt: 'a', response_fields: 'content' }, 400, 'response_fields', 'response_fields must be a list of strings'],
    [
      { prompt: 'a', response_fields: Array(65).fill('x') },
      400,
      'response_fields',
      'response_fields must have at most 64 entries',
    ],
    [
      { prompt: 'a', repeat_penalty: 1.1, repeat_last_n: 64 },
      501,
      'repeat_last_n',
      'repeat_last_n is not supported: penalties look at all of prompt and output, as with −1',
    ],
    [
      { prompt: 'a', grammar: 'root ::= "a"' },
      501,
      'grammar',
      'grammar is not supported: output cannot be constrained',
    ],
    [
      { prompt: 'a', post_sampling_probs: true },
      501,
      'post_sampling_probs',
      'post_sampling_probs is not supported: log-probabilities are those of the model',
    ],
  ])('%j', async (body, status, param, message) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { param, message } })
  })
})

test('what llama.cpp’s own clients send without meaning it is let through', async () => {
  const body = {
    prompt: 'a',
    n_predict: -1,
    n_keep: 0,
    n_discard: 0,
    n_indent: 0,
    id_slot: -1,
    cache_prompt: true,
    repeat_last_n: 64,
    repeat_penalty: 1,
    typical_p: 1,
    top_n_sigma: -1,
    dynatemp_range: 0,
    dynatemp_exponent: 1,
    xtc_probability: 0,
    xtc_threshold: 0.1,
    dry_multiplier: 0,
    dry_base: 1.75,
    dry_allowed_length: 2,
    dry_penalty_last_n: -1,
    mirostat: 0,
    mirostat_tau: 5,
    mirostat_eta: 0.1,
    min_keep: 0,
    t_max_predict_ms: 0,
    image_data: [],
    lora: [],
    stop: [],
    logit_bias: [],
    grammar: null,
    post_sampling_probs: false,
  }
  expect((await post(body)).status).toBe(200)
})
