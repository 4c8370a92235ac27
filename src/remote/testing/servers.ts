import { type FakeReply, stream } from './fake-server.ts'

const models = (id: string, more: object) => ({ object: 'list', data: [{ id, object: 'model', created: 1, ...more }] })

/** A chat chunk, a completion's chunk, and what ends them, as nearly all servers write them. */
const chunk = (delta: object, finish: string | null, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish, ...more }] })}\n\n`
const usage = (more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, ...more } })}\n\n`
const DONE = 'data: [DONE]\n\n'

export interface Server {
  readonly dialect: string
  readonly replies: Readonly<Record<string, FakeReply>>
  /** What is known of its model. */
  readonly info: object
  /** What a chat gives: ids and text of each event, then how it ended. */
  readonly events: readonly (readonly [ids: readonly number[], text: string])[]
  readonly done: object
}

const LLAMA_MODELS = models('tiny.gguf', {
  owned_by: 'llamacpp',
  meta: { n_vocab: 2048, n_params: 5689088, n_ctx_train: 1024 },
})

/** What each kind of server says of itself, and how it streams an answer of three tokens. */
export const SERVERS: readonly Server[] = [
  {
    dialect: 'vllm',
    replies: {
      '/v1/models': models('meta-llama/Llama-2-7b', {
        owned_by: 'vllm',
        root: 'meta-llama/Llama-2-7b',
        max_model_len: 4096,
      }),
      '/version': { version: '0.11.0' },
      '/v1/chat/completions': stream(
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], prompt_token_ids: [1, 2, 3, 4, 5, 6, 7, 8, 9] })}\n\n`,
        chunk({ content: 'Hel' }, null, { token_ids: [11] }),
        chunk({ content: 'lo' }, null, { token_ids: [12, 13] }),
        chunk({ content: '' }, 'stop', { token_ids: [], stop_reason: 'world' }) +
          usage({ prompt_tokens_details: { cached_tokens: 4 } }) +
          DONE,
      ),
    },
    info: { model: 'meta-llama/Llama-2-7b', contextLength: 4096, vocabSize: 0, chat: true },
    events: [
      [[11], 'Hel'],
      [[12, 13], 'lo'],
    ],
    done: {
      choices: [{ finishReason: 'stop', stop: 'world', completionTokens: 3 }],
      usage: { promptTokens: 9, cachedTokens: 4, completionTokens: 3 },
    },
  },
  {
    dialect: 'llama.cpp',
    replies: {
      '/v1/models': LLAMA_MODELS,
      '/props': {
        default_generation_settings: { n_ctx: 512, params: {} },
        total_slots: 4,
        chat_template: '{{ messages }}',
      },
      '/v1/chat/completions': stream(
        chunk({ role: 'assistant', content: 'Hel' }, null),
        chunk({ content: 'lo' }, null),
        chunk({ content: '!' }, null),
        `data: ${JSON.stringify({
          choices: [{ finish_reason: 'length', index: 0, delta: {} }],
          usage: { completion_tokens: 3, prompt_tokens: 9, total_tokens: 12 },
          timings: { prompt_n: 7, prompt_ms: 1.5, predicted_n: 3, predicted_ms: 2.5 },
        })}\n\n${DONE}`,
      ),
    },
    info: {
      model: 'tiny.gguf',
      contextLength: 512,
      vocabSize: 2048,
      parameters: 5689088,
      maxSequences: 4,
      chatTemplate: '{{ messages }}',
    },
    events: [
      [[-1], 'Hel'],
      [[-1], 'lo'],
      [[-1], '!'],
    ],
    done: {
      choices: [{ finishReason: 'length', completionTokens: 3 }],
      usage: { promptTokens: 9, cachedTokens: 2, completionTokens: 3 },
      timings: { queuedMs: 0, prefillMs: 1.5, decodeMs: 2.5 },
    },
  },
  {
    dialect: 'sglang',
    replies: {
      '/v1/models': models('qwen', { owned_by: 'sglang', max_model_len: 32768 }),
      '/get_model_info': { model_path: 'qwen', is_generation: true },
      '/v1/chat/completions': stream(
        chunk({ role: 'assistant', content: '' }, null),
        chunk({ reasoning_content: 'Hm. ', content: null }, null),
        chunk({ content: 'Hello' }, null),
        chunk({ content: null }, 'stop', { matched_stop: 151645 }) + usage({ prompt_tokens_details: null }) + DONE,
      ),
    },
    info: { model: 'qwen', contextLength: 32768 },
    events: [
      [[-1], 'Hm. '],
      [[-1], 'Hello'],
    ],
    done: {
      choices: [{ finishReason: 'stop', completionTokens: 3 }],
      usage: { promptTokens: 9, cachedTokens: 0, completionTokens: 3 },
    },
  },
  {
    dialect: 'tgi',
    replies: {
      '/v1/models': models('bigcode/santacoder', { owned_by: 'bigcode/santacoder' }),
      '/info': {
        model_id: 'bigcode/santacoder',
        model_dtype: 'float16',
        max_total_tokens: 2048,
        max_concurrent_requests: 128,
      },
      '/v1/chat/completions': stream(
        // Without the space, and with an end that says nothing.
        chunk({ role: 'assistant', content: 'Hel' }, null).replace('data: ', 'data:'),
        chunk({ role: 'assistant', content: 'lo' }, 'eos_token').replace('data: ', 'data:'),
        usage().replace('data: ', 'data:'),
      ),
    },
    info: { model: 'bigcode/santacoder', contextLength: 2048, weightType: 'float16', maxSequences: 128 },
    events: [
      [[-1], 'Hel'],
      [[-1], 'lo'],
    ],
    done: {
      choices: [{ finishReason: 'stop', completionTokens: 3 }],
      usage: { promptTokens: 9, cachedTokens: 0, completionTokens: 3 },
    },
  },
  {
    dialect: 'ollama',
    replies: {
      '/v1/models': models('llama2:7b', { owned_by: 'library' }),
      '/api/version': { version: '0.5.1' },
      '/v1/chat/completions': stream(
        chunk({ role: 'assistant', content: 'Hello' }, null),
        chunk({ role: 'assistant', content: '' }, 'length'),
        usage(),
        DONE,
      ),
    },
    info: { model: 'llama2:7b', backend: 'remote/ollama', contextLength: 2 ** 31 - 1 },
    events: [[[-1], 'Hello']],
    done: {
      choices: [{ finishReason: 'length', completionTokens: 3 }],
      usage: { promptTokens: 9, cachedTokens: 0, completionTokens: 3 },
    },
  },
  {
    dialect: 'openai',
    replies: {
      '/v1/models': models('gpt-9', { owned_by: 'somebody' }),
      '/v1/chat/completions': stream(
        ': ping\n\n',
        chunk({ content: 'Hello' }, null) + chunk({}, 'content_filter') + DONE,
      ),
    },
    info: { model: 'gpt-9', vocabSize: 0, weightType: 'unknown' },
    events: [[[-1], 'Hello']],
    done: {
      choices: [{ finishReason: 'stop', completionTokens: 1 }],
      usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 1 },
    },
  },
]
