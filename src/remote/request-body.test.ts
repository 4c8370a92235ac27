import { describe, expect, test } from 'vitest'
import { type GenerateRequest, type SamplingParams, UnsupportedError } from '../engine/index.ts'
import { DIALECTS, type DialectName } from './dialect.ts'
import { type Route, requestBody } from './request-body.ts'

const text = { text: 'Once' }
const messages = [{ role: 'user', content: 'Hi' }] as const

function bodyOf(
  name: DialectName,
  request: GenerateRequest,
  route: Route = 'completions',
  { streaming = true, contextLength }: { streaming?: boolean; contextLength?: number } = {},
): unknown {
  const settings = { dialect: DIALECTS[name], model: 'm', contextLength, streaming }
  return JSON.parse(requestBody(route, request.input, request, settings))
}

const streamed = { model: 'm', stream: true, stream_options: { include_usage: true } }

test.each<[string, unknown, unknown]>([
  ['a text', bodyOf('openai', { input: text }), { ...streamed, prompt: 'Once' }],
  [
    'not streamed',
    bodyOf('openai', { input: text }, 'completions', { streaming: false }),
    { model: 'm', prompt: 'Once' },
  ],
  ['a chat', bodyOf('openai', { input: { messages } }, 'chat'), { ...streamed, messages }],
  [
    'a text as a chat',
    bodyOf('openai', { input: text }, 'chat'),
    { ...streamed, messages: [{ role: 'user', content: 'Once' }] },
  ],
  ['ids', bodyOf('llama.cpp', { input: { tokens: [1, 2] } }), { ...streamed, prompt: [1, 2] }],
  [
    'ids, of llama.cpp’s own route',
    bodyOf('llama.cpp', { input: { tokens: [1, 2] } }, 'llama'),
    { prompt: [1, 2], n_predict: -1, stream: true, return_tokens: true },
  ],
  [
    'a template’s variables',
    bodyOf('vllm', { input: { messages, templateOptions: { enable_thinking: false } } }, 'chat'),
    {
      ...streamed,
      messages,
      chat_template_kwargs: { enable_thinking: false },
      return_token_ids: true,
      max_tokens: null,
    },
  ],
  [
    'a text without a BOS token',
    bodyOf('vllm', { input: { text: 'Once', addSpecialTokens: false } }),
    { ...streamed, prompt: 'Once', add_special_tokens: false, return_token_ids: true, max_tokens: null },
  ],
  [
    'all that our own server takes beside',
    bodyOf('warpline', { input: text, priority: 2, cacheSalt: 's', timeline: true, id: 'i' }, 'completions', {
      contextLength: 99,
    }),
    {
      ...streamed,
      prompt: 'Once',
      max_tokens: 99,
      return_token_ids: true,
      timings: true,
      timeline: true,
      priority: 2,
      cache_salt: 's',
    },
  ],
])('%s', (_, body, expected) => {
  expect(body).toEqual(expected)
})

describe('sampling', () => {
  const all: SamplingParams = {
    temperature: 0.5,
    topK: 5,
    topP: 0.9,
    minP: 0.1,
    repetitionPenalty: 1.1,
    presencePenalty: 0.2,
    frequencyPenalty: 0.3,
    logitBias: { 7: -1 },
    seed: 1,
    stop: ['x'],
    stopTokenIds: [3],
    minTokens: 2,
    maxTokens: 8,
    ignoreEos: true,
    n: 2,
    logprobs: true,
    topLogprobs: 2,
    skipSpecialTokens: false,
  }
  const common = {
    temperature: 0.5,
    top_p: 0.9,
    presence_penalty: 0.2,
    frequency_penalty: 0.3,
    seed: 1,
    stop: ['x'],
    n: 2,
  }
  const { stopTokenIds: _s, minTokens: _m, skipSpecialTokens: _k, ...forLlama } = all
  const { topK: _t, minP: _p, repetitionPenalty: _r, ...forAll } = forLlama

  test.each<[DialectName, Route, SamplingParams, object]>([
    [
      'vllm',
      'completions',
      all,
      {
        ...common,
        top_k: 5,
        min_p: 0.1,
        repetition_penalty: 1.1,
        logit_bias: { 7: -1 },
        stop_token_ids: [3],
        min_tokens: 2,
        max_tokens: 8,
        ignore_eos: true,
        logprobs: 2,
        skip_special_tokens: false,
      },
    ],
    [
      'vllm',
      'chat',
      { maxTokens: 8, logprobs: true, topLogprobs: 2 },
      { max_tokens: 8, logprobs: true, top_logprobs: 2 },
    ],
    ['vllm', 'chat', { maxTokens: 8, logprobs: true }, { max_tokens: 8, logprobs: true }],
    [
      'llama.cpp',
      'completions',
      forLlama,
      {
        ...common,
        top_k: 5,
        min_p: 0.1,
        repeat_penalty: 1.1,
        repeat_last_n: -1,
        logit_bias: [[7, -1]],
        max_tokens: 8,
        ignore_eos: true,
        logprobs: 2,
      },
    ],
    ['llama.cpp', 'llama', { maxTokens: 8, logprobs: true }, { n_predict: 8, n_probs: 1 }],
    ['openai', 'completions', forAll, { ...common, logit_bias: { 7: -1 }, max_tokens: 8, logprobs: 2 }],
    ['tgi', 'completions', { temperature: 0 }, {}],
    ['sglang', 'completions', { temperature: 0, minTokens: 3 }, { temperature: 0, min_tokens: 3 }],
  ])('of %s by %s', (name, route, sampling, expected) => {
    const body = bodyOf(name, { input: text, sampling }, route) as Record<string, unknown>
    const { model: _1, prompt: _2, messages: _3, stream: _4, stream_options: _5, ...rest } = body
    const { return_token_ids: _6, return_tokens: _7, ...told } = rest
    expect(told).toEqual(expected)
  })

  test('what asks for nothing is left out', () => {
    const idle: SamplingParams = {
      topK: 0,
      minP: 0,
      repetitionPenalty: 1,
      minTokens: 0,
      stop: [],
      stopTokenIds: [],
      logitBias: {},
      logprobs: false,
      topLogprobs: 0,
      skipSpecialTokens: true,
      ignoreEos: true,
    }
    expect(bodyOf('openai', { input: text, sampling: idle })).toEqual({ ...streamed, prompt: 'Once' })
  })
})

test.each<[DialectName, GenerateRequest, string, Route?]>([
  ['openai', { input: { tokens: [1] } }, 'input.tokens'],
  ['warpline', { input: { tokens: [1] } }, 'input.tokens', 'chat'],
  ['openai', { input: { messages, templateOptions: {} } }, 'input.templateOptions', 'chat'],
  ['openai', { input: text, cacheSalt: 's' }, 'cacheSalt'],
  ['openai', { input: text, sampling: { topK: 3 } }, 'sampling.topK'],
  ['llama.cpp', { input: text, sampling: { stopTokenIds: [3] } }, 'sampling.stopTokenIds'],
  ['llama.cpp', { input: text, sampling: { minTokens: 3 } }, 'sampling.minTokens'],
  ['ollama', { input: text, sampling: { skipSpecialTokens: false } }, 'sampling.skipSpecialTokens'],
])('of %s cannot be asked what it has no field for: %j', (name, request, param, route = 'completions') => {
  expect(() => bodyOf(name, request, route)).toThrow(expect.objectContaining({ param, code: 'unsupported' }))
  expect(() => bodyOf(name, request, route)).toThrow(UnsupportedError)
})
