import { afterEach, describe, expect, test } from 'vitest'
import { done, saying, scriptedEngine, start, tokens } from '../../../test/scripted-engine.ts'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'
import type { ChosenLogprob, Engine, Event } from '../../engine/index.ts'
import { InternalError } from '../../engine/index.ts'
import { type Server, serve } from '../index.ts'

const PATH = '/completion'
let server: Server | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function post(engine: Engine, body: object, path = PATH): Promise<Response> {
  await server?.close()
  server = await serve({ engine, port: 0 })
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function stopped(stop: string | number | undefined, finishReason: 'stop' | 'length' = 'stop'): Event {
  return {
    ...(done() as Event & { type: 'done' }),
    choices: [{ finishReason, completionTokens: 3, ...(stop !== undefined && { stop }) }],
  }
}

const logprob: ChosenLogprob = {
  id: 7,
  token: ' a',
  bytes: [32, 97],
  logprob: -0.5,
  top: [{ id: 7, token: ' a', bytes: [32, 97], logprob: -0.5 }],
}

describe('the answer', () => {
  test('is one object with all that llama.cpp tells', async () => {
    const engine = scriptedEngine(saying(start, tokens('He', [1]), tokens('llo\n', [2, 3]), stopped('END')))
    const response = await post(engine, { prompt: 'ab', n_predict: 8, seed: 3, stop: ['END'], return_tokens: true })
    expect(await response.json()).toMatchInlineSnapshot(`
      {
        "content": "Hello
      ",
        "generation_settings": {
          "frequency_penalty": 0,
          "ignore_eos": false,
          "logit_bias": [],
          "max_tokens": 8,
          "min_p": 0,
          "min_tokens": 0,
          "n_cmpl": 1,
          "n_ctx": 100,
          "n_predict": 8,
          "n_probs": 0,
          "presence_penalty": 0,
          "repeat_last_n": -1,
          "repeat_penalty": 1,
          "seed": 3,
          "stop": [
            "END",
          ],
          "stop_token_ids": [],
          "stream": false,
          "temperature": 1,
          "timings_per_token": false,
          "top_k": 0,
          "top_p": 1,
        },
        "has_new_line": true,
        "index": 0,
        "model": "scripted",
        "prompt": "",
        "stop": true,
        "stop_type": "word",
        "stopping_word": "END",
        "timings": {
          "cache_n": 2,
          "predicted_ms": 2,
          "predicted_n": 3,
          "predicted_per_second": 1500,
          "predicted_per_token_ms": 0.6666666666666666,
          "prompt_ms": 1,
          "prompt_n": 3,
          "prompt_per_second": 3000,
          "prompt_per_token_ms": 0.3333333333333333,
        },
        "tokens": [
          1,
          2,
          3,
        ],
        "tokens_cached": 2,
        "tokens_evaluated": 5,
        "tokens_predicted": 3,
        "truncated": false,
      }
    `)
  })

  test.each<[string, Event, object]>([
    ['an end token', stopped(undefined), { stop_type: 'eos', stopping_word: '', truncated: false }],
    ['a stop id', stopped(5), { stop_type: 'eos', stopping_word: '', truncated: false }],
    ['a stop string', stopped('END'), { stop_type: 'word', stopping_word: 'END', truncated: false }],
    ['n_predict', stopped(undefined, 'length'), { stop_type: 'limit', stopping_word: '', truncated: false }],
  ])('says that %s ended it', async (_, end, expected) => {
    const engine = scriptedEngine(saying(start, tokens('a', [1]), end))
    expect(await (await post(engine, { prompt: 'ab', n_predict: 3 })).json()).toMatchObject(expected)
  })

  test('says that it ended for want of context', async () => {
    const engine = scriptedEngine(saying(start, tokens('a', [1]), stopped(undefined, 'length')))
    expect(await (await post(engine, { prompt: 'ab' })).json()).toMatchObject({ stop_type: 'limit', truncated: true })
  })

  test('is the wanted fields alone', async () => {
    const engine = scriptedEngine(saying(start, tokens('a', [1]), done()))
    const response_fields = ['content', 'timings/predicted_n', 'generation_settings/top_k', 'nothing']
    expect(await (await post(engine, { prompt: 'ab', response_fields })).json()).toEqual({
      content: 'a',
      'timings/predicted_n': 3,
      'generation_settings/top_k': 0,
    })
  })

  test('has no ids unless they are asked for', async () => {
    const engine = scriptedEngine(saying(start, tokens('a', [1]), done()))
    expect(await (await post(engine, { prompt: 'ab' })).json()).toMatchObject({ tokens: [] })
  })

  test('n_probs tells likelihoods, with ids', async () => {
    const told: Event = { type: 'tokens', choice: 0, ids: [7], text: ' a', logprobs: [logprob] }
    const engine = scriptedEngine(saying(start, told, done()))
    const probability = { id: 7, token: ' a', logprob: -0.5, bytes: [32, 97] }
    expect(await (await post(engine, { prompt: 'ab', n_probs: 1 })).json()).toMatchObject({
      completion_probabilities: [{ ...probability, top_logprobs: [probability] }],
    })
  })

  test('is the same at /completions', async () => {
    const engine = scriptedEngine(saying(start, tokens('a', [1]), done()))
    expect(await (await post(engine, { prompt: 'ab' }, '/completions')).json()).toMatchObject({ content: 'a' })
  })
})

describe('a stream', () => {
  const SCRIPT = saying(start, tokens('He', [1]), tokens('llo\n', [2, 3]), done())

  test('byte by byte: what is new, then the whole object; no [DONE]', async () => {
    const response_fields = ['index', 'content', 'tokens', 'stop', 'tokens_predicted', 'has_new_line', 'stop_type']
    const response = await post(scriptedEngine(SCRIPT), { prompt: 'ab', stream: true, response_fields })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(await response.text()).toMatchInlineSnapshot(`
      "data: {"index":0,"content":"He","tokens":[1],"stop":false,"tokens_predicted":1,"tokens_evaluated":5}

      data: {"index":0,"content":"llo\\n","tokens":[2,3],"stop":false,"tokens_predicted":3,"tokens_evaluated":5}

      data: {"index":0,"content":"","tokens":[],"stop":true,"tokens_predicted":3,"has_new_line":true,"stop_type":"eos"}

      "
    `)
  })

  test('timings_per_token: with each event', async () => {
    const response = await post(scriptedEngine(SCRIPT), { prompt: 'ab', stream: true, timings_per_token: true })
    const counts = (await response.text()).match(/(?<="predicted_n":)\d+/g)
    expect(counts).toEqual(['1', '3', '3'])
  })

  test('an error in the middle is the last event', async () => {
    const engine = scriptedEngine(saying(start, tokens('He', [1]), new InternalError('/secret')))
    const text = await (await post(engine, { prompt: 'ab', stream: true })).text()
    expect(text).toMatch(/\n\ndata: \{"error":\{"message":"internal error",.*\}\}\n\n$/)
  })
})

describe('over an engine with a vocabulary', () => {
  const ask = async (mock: MockServer, body: object) =>
    (await mock.post(PATH, body)).json() as Promise<Record<string, unknown>>

  test('answers to several prompts, several to each, are what they are alone', async () => {
    await using mock = await serveMock()
    const fields = { n_predict: 4, seed: 1, response_fields: ['content', 'index'] }
    const all = await ask(mock, { prompt: ['Once', 'upon'], n_cmpl: 2, ...fields })
    const alone = await ask(mock, { prompt: 'Once', n_cmpl: 2, ...fields })
    expect(all).toHaveLength(4)
    expect((all as unknown as object[]).slice(0, 2)).toEqual(alone)
  })

  test('n_predict: 0 puts the prompt into the cache and says nothing', async () => {
    await using mock = await serveMock()
    const prompt = 'again and again '.repeat(20)
    const first = await ask(mock, { prompt, n_predict: 0 })
    expect(first).toMatchObject({
      content: '',
      tokens_predicted: 0,
      tokens_cached: 0,
      stop_type: 'limit',
      truncated: false,
    })
    const second = await ask(mock, { prompt, n_predict: 1 })
    expect(second.tokens_cached).toBeGreaterThan(50)
    expect(second.timings).toMatchObject({ cache_n: second.tokens_cached })
    const apart = await ask(mock, { prompt, n_predict: 1, cache_prompt: false })
    expect(apart.tokens_cached).toBe(0)
  })

  test('−1 goes on to the context’s end', async () => {
    await using mock = await serveMock({ contextLength: 128 })
    const body = { prompt: [1, 2, 3], n_predict: -1, ignore_eos: true }
    expect(await ask(mock, body)).toMatchObject({ tokens_predicted: 125, stop_type: 'limit', truncated: true })
  })

  test('the prompt is told as it was processed', async () => {
    await using mock = await serveMock()
    expect(await ask(mock, { prompt: [1, 2, 3], n_predict: 1 })).toMatchObject({
      prompt: ' be bi bo',
      tokens_evaluated: 3,
    })
  })
})
