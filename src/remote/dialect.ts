import type { SamplingParams } from '../engine/index.ts'

export type DialectName = 'warpline' | 'llama.cpp' | 'vllm' | 'sglang' | 'tgi' | 'ollama' | 'openai'

/** How `/tokenize` is asked, and `/detokenize`: by llama.cpp's fields or by vLLM's. */
export type TokenizeShape = 'llama' | 'vllm'

/** Names in a server's `/metrics`; some have a route of their own for it, `/load`, which costs less. */
export interface LoadMetrics {
  readonly running: string
  readonly waiting: string
}

/** What sets one kind of server apart from others; what all have in common is in the code that reads this. */
export interface Dialect {
  readonly name: DialectName
  /** Whether `prompt` may be token ids. */
  readonly idsAsPrompt: boolean
  /** Names of sampling parameters; what stands in no table cannot be asked for. */
  readonly sampling: Readonly<Partial<Record<keyof SamplingParams, string>>>
  /** Left out where they cannot be asked for: without them an answer is another length, not another answer. */
  readonly fields: {
    /** Says that a stream is to end with its usage. */
    readonly usage: boolean
    /** Each is set to `true` in every request: token ids, timings. */
    readonly always: readonly string[]
    /** Each is set to `true` where a request asks for its timeline. */
    readonly timeline?: string
    readonly priority?: string
    readonly cacheSalt?: string
    /** Of a text, whether a BOS token is added. */
    readonly addSpecialTokens?: string
    readonly templateOptions?: string
  }
  /** What stands for "as many as the context holds": nothing, null, or the context's length, which the server cuts. */
  readonly unlimited: 'omit' | 'null' | 'context'
  /** Pairs instead of an object. */
  readonly logitBiasPairs?: true
  /** Temperature 0 is refused: without one the likeliest is taken. */
  readonly noZeroTemperature?: true
  readonly tokenize?: TokenizeShape
  /** Whether it has llama.cpp's `/completion` and `/apply-template`. */
  readonly llama?: true
  /** Where it tells how much is under way. */
  readonly load?: LoadMetrics | 'route'
  /** Whether it ends what is not answered within `X-Request-Timeout-Ms`. */
  readonly deadlines?: true
}

const VLLM_LOAD: LoadMetrics = { running: 'vllm:num_requests_running', waiting: 'vllm:num_requests_waiting' }

/** What OpenAI has, and so everybody. */
const OPENAI = {
  temperature: 'temperature',
  topP: 'top_p',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  seed: 'seed',
  stop: 'stop',
  maxTokens: 'max_tokens',
  n: 'n',
  logprobs: 'logprobs',
  topLogprobs: 'top_logprobs',
} as const

/** vLLM's, which others took over. */
const VLLM = {
  ...OPENAI,
  topK: 'top_k',
  minP: 'min_p',
  repetitionPenalty: 'repetition_penalty',
  stopTokenIds: 'stop_token_ids',
  minTokens: 'min_tokens',
  ignoreEos: 'ignore_eos',
  skipSpecialTokens: 'skip_special_tokens',
} as const

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  warpline: {
    name: 'warpline',
    idsAsPrompt: true,
    sampling: VLLM,
    fields: {
      usage: true,
      always: ['return_token_ids', 'timings'],
      timeline: 'timeline',
      priority: 'priority',
      cacheSalt: 'cache_salt',
      templateOptions: 'chat_template_kwargs',
    },
    unlimited: 'context',
    tokenize: 'llama',
    llama: true,
    load: 'route',
    deadlines: true,
  },
  'llama.cpp': {
    name: 'llama.cpp',
    idsAsPrompt: true,
    sampling: {
      ...OPENAI,
      topK: 'top_k',
      minP: 'min_p',
      repetitionPenalty: 'repeat_penalty',
      ignoreEos: 'ignore_eos',
    },
    fields: { usage: true, always: [], templateOptions: 'chat_template_kwargs' },
    unlimited: 'omit',
    logitBiasPairs: true,
    tokenize: 'llama',
    llama: true,
    load: { running: 'llamacpp:requests_processing', waiting: 'llamacpp:requests_deferred' },
  },
  vllm: {
    name: 'vllm',
    idsAsPrompt: true,
    sampling: VLLM,
    fields: {
      usage: true,
      always: ['return_token_ids'],
      priority: 'priority',
      cacheSalt: 'cache_salt',
      addSpecialTokens: 'add_special_tokens',
      templateOptions: 'chat_template_kwargs',
    },
    unlimited: 'null',
    tokenize: 'vllm',
    load: VLLM_LOAD,
  },
  sglang: {
    name: 'sglang',
    idsAsPrompt: true,
    sampling: VLLM,
    fields: { usage: true, always: [], templateOptions: 'chat_template_kwargs' },
    unlimited: 'omit',
    tokenize: 'vllm',
    load: { running: 'sglang:num_running_reqs', waiting: 'sglang:num_queue_reqs' },
  },
  tgi: {
    name: 'tgi',
    idsAsPrompt: false,
    sampling: OPENAI,
    fields: { usage: true, always: [] },
    unlimited: 'omit',
    noZeroTemperature: true,
    load: { running: 'tgi_batch_current_size', waiting: 'tgi_queue_size' },
  },
  ollama: {
    name: 'ollama',
    idsAsPrompt: false,
    sampling: OPENAI,
    fields: { usage: true, always: [] },
    unlimited: 'omit',
  },
  openai: {
    name: 'openai',
    idsAsPrompt: false,
    sampling: OPENAI,
    fields: { usage: true, always: [] },
    unlimited: 'omit',
  },
}
