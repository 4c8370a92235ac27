import type { Operation } from './operations.ts'
import type { Schema } from './schema.ts'

const text: Schema = { type: 'string' }
const texts: Schema = { anyOf: [text, { type: 'array', items: text, maxItems: 16 }] }

const sampling: Readonly<Record<string, Schema>> = {
  model: text,
  temperature: { type: 'number', minimum: 0, maximum: 2 },
  top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
  top_k: { type: 'integer', minimum: 0, maximum: 1000 },
  min_p: { type: 'number', minimum: 0, maximum: 1 },
  presence_penalty: { type: 'number', minimum: -2, maximum: 2 },
  frequency_penalty: { type: 'number', minimum: -2, maximum: 2 },
  logit_bias: { type: 'object', additionalProperties: { type: 'number', minimum: -100, maximum: 100 } },
  seed: { type: 'integer', minimum: 0, maximum: 2 ** 53 - 1 },
  stop: texts,
  n: { type: 'integer', minimum: 1, maximum: 4 },
  max_tokens: { type: 'integer', minimum: 0, maximum: 16 },
  stream: { type: 'boolean' },
  stream_options: { type: 'object', properties: { include_usage: { type: 'boolean' } } },
  user: text,
}

const chat: Schema = {
  type: 'object',
  properties: {
    ...sampling,
    messages: {
      type: 'array',
      minItems: 1,
      maxItems: 64,
      items: {
        type: 'object',
        properties: {
          role: { enum: ['system', 'user', 'assistant'] },
          content: {
            anyOf: [
              text,
              {
                type: 'array',
                minItems: 1,
                items: { type: 'object', properties: { type: { const: 'text' }, text }, required: ['type', 'text'] },
              },
            ],
          },
          name: text,
        },
        required: ['role', 'content'],
      },
    },
    logprobs: { type: 'boolean' },
    top_logprobs: { type: 'integer', minimum: 0, maximum: 20 },
  },
  required: ['messages'],
}

const completion: Schema = {
  type: 'object',
  properties: { ...sampling, prompt: texts, logprobs: { type: 'integer', minimum: 0, maximum: 5 } },
  required: ['prompt'],
}

/** What can be asked of any server that follows OpenAI. */
export const OPENAI_OPERATIONS: readonly Operation[] = [
  { method: 'POST', path: '/v1/chat/completions', body: chat, document: {} },
  { method: 'POST', path: '/v1/completions', body: completion, document: {} },
  { method: 'GET', path: '/v1/models', document: {} },
  { method: 'GET', path: '/v1/models/{id}', document: {} },
]
