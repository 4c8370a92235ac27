import { describe, expect, test } from 'vitest'
import {
  ContextLengthError,
  type EngineInfo,
  type GenerateRequest,
  InvalidRequestError,
  outputLimit,
  SAMPLING_DEFAULTS,
  UnsupportedError,
  validateRequest,
} from './index.ts'

const info: EngineInfo = {
  model: 'ember',
  backend: 'test',
  contextLength: 64,
  vocabSize: 100,
  parameters: 0,
  weightType: 'none',
  maxSequences: 4,
  kvBlockSize: 16,
  chat: true,
  samplingDefaults: { temperature: 0.6, topK: 20 },
}

const sampled = (sampling: object): GenerateRequest => ({ input: { text: 'a' }, sampling })
const message = (request: unknown): string => {
  try {
    validateRequest(request as GenerateRequest, info)
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error
    expect(error.message.startsWith(error.param!)).toBe(true)
    return error.message
  }
  return 'accepted'
}

test('the request wins over the model, the model over the contract', () => {
  const sampling = validateRequest(sampled({ temperature: 0, seed: undefined }), info)
  expect(sampling).toEqual({ ...SAMPLING_DEFAULTS, temperature: 0, topK: 20 })
})

test('a default that the model sets wrongly is named like any other', () => {
  const broken = { ...info, samplingDefaults: { topP: 7 } }
  expect(() => validateRequest(sampled({}), broken)).toThrow(
    'sampling.topP must be a number above 0 and at most 1, got 7',
  )
})

describe('sampling', () => {
  test.each<[object, string]>([
    [{ temperature: -0.1 }, 'sampling.temperature must be a number from 0 to 10, got -0.1'],
    [{ temperature: Number.NaN }, 'sampling.temperature must be a number from 0 to 10, got NaN'],
    [{ temperature: Number.POSITIVE_INFINITY }, 'sampling.temperature must be a number from 0 to 10, got Infinity'],
    [{ temperature: '1' }, 'sampling.temperature must be a number from 0 to 10, got "1"'],
    [{ topK: 1.5 }, 'sampling.topK must be a whole number of at least 0, got 1.5'],
    [{ topP: 0 }, 'sampling.topP must be a number above 0 and at most 1, got 0'],
    [{ minP: 1.1 }, 'sampling.minP must be a number from 0 to 1, got 1.1'],
    [{ repetitionPenalty: 0 }, 'sampling.repetitionPenalty must be a number above 0 and at most 10, got 0'],
    [{ presencePenalty: 3 }, 'sampling.presencePenalty must be a number from -2 to 2, got 3'],
    [{ frequencyPenalty: -3 }, 'sampling.frequencyPenalty must be a number from -2 to 2, got -3'],
    [{ seed: -1 }, 'sampling.seed must be a whole number of at least 0, got -1'],
    [{ seed: 2 ** 53 }, 'sampling.seed must be a whole number of at least 0, got 9007199254740992'],
    [{ maxTokens: -1 }, 'sampling.maxTokens must be a whole number of at least 0, got -1'],
    [{ maxTokens: null }, 'sampling.maxTokens must be a whole number of at least 0, got null'],
    [{ minTokens: 9, maxTokens: 8 }, 'sampling.minTokens must not exceed the 8 tokens asked for at most, got 9'],
    [{ n: 17 }, 'sampling.n must be a whole number from 1 to 16, got 17'],
    [{ logprobs: true, topLogprobs: 21 }, 'sampling.topLogprobs must be a whole number from 0 to 20, got 21'],
    [{ topLogprobs: 2 }, 'sampling.topLogprobs needs logprobs to be true, since it adds to them'],
    [{ ignoreEos: 'yes' }, 'sampling.ignoreEos must be true or false, got "yes"'],
    [{ stop: 'x' }, 'sampling.stop must be a list, got "x"'],
    [{ stop: Array(17).fill('x') }, 'sampling.stop must have at most 16 entries, got 17'],
    [{ stop: ['x', ''] }, 'sampling.stop[1] must not be empty'],
    [{ stop: ['é'.repeat(129)] }, 'sampling.stop[0] must have at most 256 bytes, got 258'],
    [{ stop: ['\ud800'] }, 'sampling.stop[0] holds half of a surrogate pair, which is no Unicode text'],
    [{ stopTokenIds: [100] }, 'sampling.stopTokenIds[0] must be a token id from 0 to 99, got 100'],
    [{ logitBias: { 100: 1 } }, 'sampling.logitBias must have token ids from 0 to 99 as keys, got "100"'],
    [{ logitBias: { '-1': 1 } }, 'sampling.logitBias must have token ids from 0 to 99 as keys, got "-1"'],
    [{ logitBias: { 5: 101 } }, 'sampling.logitBias[5] must be a number from -100 to 100, got 101'],
    [
      { logitBias: Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [i, 1])) },
      'sampling.logitBias must have at most 1024 entries, got 1025',
    ],
    [{ stop: Array(16).fill('x'.repeat(256)), n: 16, logitBias: { 99: -100 }, seed: 2 ** 53 - 1 }, 'accepted'],
  ])('case %#', (sampling, expected) => expect(message(sampled(sampling))).toBe(expected))

  test('a name that is none of the contract is refused with the names that are', () => {
    expect(message(sampled({ top_k: 1 }))).toMatchInlineSnapshot(
      `"sampling.top_k is not a sampling parameter; known are temperature, topK, topP, minP, repetitionPenalty, presencePenalty, frequencyPenalty, seed, minTokens, maxTokens, n, topLogprobs, ignoreEos, logprobs, skipSpecialTokens, logitBias, stop, stopTokenIds"`,
    )
  })
})

describe('input', () => {
  test.each<[unknown, string]>([
    [{}, 'input must hold messages, text or tokens'],
    [{ input: {} }, 'input must hold exactly one of messages, text and tokens, got none'],
    [
      { input: { text: 'a', tokens: [1] } },
      'input must hold exactly one of messages, text and tokens, got text and tokens',
    ],
    [{ input: { text: '' } }, 'input.text must not be empty'],
    [{ input: { text: 5 } }, 'input.text must be a string, got 5'],
    [{ input: { text: 'a\udc00' } }, 'input.text holds half of a surrogate pair, which is no Unicode text'],
    [{ input: { text: '😀' } }, 'accepted'],
    [{ input: { tokens: [] } }, 'input.tokens must not be empty'],
    [{ input: { tokens: [1, -1] } }, 'input.tokens[1] must be a token id from 0 to 99, got -1'],
    [{ input: { tokens: [1.5] } }, 'input.tokens[0] must be a token id from 0 to 99, got 1.5'],
    [{ input: { tokens: new Array(3) } }, 'input.tokens[0] must be a token id from 0 to 99, got undefined'],
    [{ input: { messages: [] } }, 'input.messages must not be empty'],
    [
      { input: { messages: Array(1025).fill({ role: 'user', content: 'a' }) } },
      'input.messages must have at most 1024 entries, got 1025',
    ],
    [
      { input: { messages: [{ role: 'robot', content: 'a' }] } },
      'input.messages[0].role must be one of system, user, assistant, tool, got "robot"',
    ],
    [{ input: { messages: [{ role: 'user' }] } }, 'input.messages[0].content must be a string, got undefined'],
    [
      { input: { messages: [{ role: 'user', content: 'a' }], templateOptions: [] } },
      'input.templateOptions must be an object, got a list',
    ],
    [{ input: { text: 'a' }, priority: Number.NaN }, 'priority must be a finite number, got NaN'],
    [{ input: { text: 'a', addSpecialTokens: 1 } }, 'input.addSpecialTokens must be true or false, got 1'],
    [{ input: { text: 'a', addSpecialTokens: false } }, 'accepted'],
    [{ input: { text: 'a' }, cacheSalt: 5 }, 'cacheSalt must be a string, got 5'],
    [{ input: { text: 'a' }, cacheSalt: 's'.repeat(257) }, 'cacheSalt must have at most 256 characters, got 257'],
    [{ input: { text: 'a' }, cacheSalt: 's'.repeat(256) }, 'accepted'],
    [{ input: { text: 'a' }, id: 'a\nb' }, 'id must have at most 256 characters and no control characters'],
  ])('case %#', (request, expected) => expect(message(request)).toBe(expected))

  test('too many token ids are refused before they are looked at', () => {
    const tokens = new Array<number>(64).fill(-1)
    expect(() => validateRequest({ input: { tokens } }, info)).toThrow(ContextLengthError)
  })

  test('messages need a chat template', () => {
    const input = { messages: [{ role: 'user', content: 'a' }] } as const
    expect(() => validateRequest({ input }, { ...info, chat: false })).toThrow(UnsupportedError)
  })
})

describe('outputLimit', () => {
  test.each([
    [10, {}, 54],
    [10, { maxTokens: 8 }, 8],
    [10, { maxTokens: 1000 }, 54],
    [63, { minTokens: 1 }, 1],
  ])('after %i tokens, %j gives %i', (promptTokens, sampling, limit) =>
    expect(outputLimit(promptTokens, { ...SAMPLING_DEFAULTS, ...sampling }, info)).toBe(limit),
  )

  test.each([64, 65])('after %i tokens nothing fits', promptTokens =>
    expect(() => outputLimit(promptTokens, SAMPLING_DEFAULTS, info)).toThrow(ContextLengthError),
  )
})

test('of a vocabulary that is not known, every id may be one', () => {
  const unknown = { ...info, vocabSize: 0 }
  const ids = { stopTokenIds: [4_000_000], logitBias: { 4000000: 1 } }
  validateRequest({ input: { tokens: [0, 2 ** 31 - 1] }, sampling: ids }, unknown)
  expect(() => validateRequest({ input: { tokens: [2 ** 31] } }, unknown)).toThrow(
    'input.tokens[0] must be a token id from 0 to 2147483647, got 2147483648',
  )
})
