import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'

let mock: MockServer
beforeAll(async () => {
  mock = await serveMock()
})
afterAll(() => mock[Symbol.asyncDispose]())

test.each([
  ['POST', '/v1/embeddings', 'POST /v1/embeddings is not supported: the engine generates text and tells no embeddings'],
  ['POST', '/embedding', 'POST /v1/embeddings is not supported: the engine generates text and tells no embeddings'],
  ['POST', '/reranking', 'POST /v1/rerank is not supported: the engine generates text and scores none'],
  ['POST', '/v1/responses', 'POST /v1/responses is not supported: use /v1/chat/completions'],
  ['POST', '/v1/messages', 'POST /v1/messages is not supported: use /v1/chat/completions'],
  ['POST', '/v1/messages/count_tokens', 'POST /v1/messages/count_tokens is not supported: use /tokenize'],
  [
    'POST',
    '/infill',
    'POST /infill is not supported: put prefix and suffix into the prompt of /completion as the model was taught them',
  ],
  ['GET', '/lora-adapters', 'GET /lora-adapters is not supported: there are no adapters'],
  ['POST', '/props', 'POST /props is not supported: the server’s settings are its command’s options'],
  [
    'POST',
    '/slots/0?action=save',
    'POST /slots/{id} is not supported: sequences have no fixed slots, and what they hold is not written to files',
  ],
])('%s %s says that it is not here', async (method, path, message) => {
  const response = await fetch(mock.server.url + path, { method, ...(method === 'POST' && { body: '{}' }) })
  expect(response.status).toBe(501)
  expect(await response.json()).toEqual({
    error: { message, type: 'not_supported_error', param: null, code: 'unsupported' },
  })
})
