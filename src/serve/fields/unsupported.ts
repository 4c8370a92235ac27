/** Fields that clients may know from elsewhere and that this server cannot do: it says so rather than ignore them. */
export type Unsupported = Readonly<
  Record<
    string,
    {
      /** Whether the value asks for nothing beyond what happens anyway. Default: only null and absence do. */
      readonly idle?: (value: unknown, body: Readonly<Record<string, unknown>>) => boolean
      /** What to do instead. */
      readonly hint: string
    }
  >
>

const is =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value)
const off = is(false)
const empty = (value: unknown) => Array.isArray(value) && value.length === 0

const LEAVE_OUT = 'leave it out'
const NO_GRAMMAR = 'output cannot be constrained'
const NO_SAMPLER = 'this way of sampling does not exist here'
const NO_TOOLS = 'the model is not told of tools'

/** Everywhere. */
const COMMON: Unsupported = {
  grammar: { hint: NO_GRAMMAR },
  json_schema: { hint: NO_GRAMMAR },
  structured_outputs: { hint: NO_GRAMMAR },
  guided_json: { hint: NO_GRAMMAR },
  guided_regex: { hint: NO_GRAMMAR },
  guided_choice: { hint: NO_GRAMMAR },
  guided_grammar: { hint: NO_GRAMMAR },
  best_of: { idle: is(1), hint: 'ask for n answers and choose' },
  use_beam_search: { idle: off, hint: NO_SAMPLER },
  length_penalty: { idle: is(1), hint: NO_SAMPLER },
  typical_p: { idle: is(1), hint: NO_SAMPLER },
  mirostat: { idle: is(0), hint: NO_SAMPLER },
  dry_multiplier: { idle: is(0), hint: NO_SAMPLER },
  xtc_probability: { idle: is(0), hint: NO_SAMPLER },
  dynatemp_range: { idle: is(0), hint: NO_SAMPLER },
  top_n_sigma: { idle: is(-1, 0), hint: NO_SAMPLER },
  samplers: { hint: 'the order of sampling is fixed' },
  bad_words: { idle: empty, hint: 'use logit_bias' },
  allowed_token_ids: { idle: empty, hint: 'use logit_bias' },
  logits_processors: { idle: empty, hint: LEAVE_OUT },
  include_stop_str_in_output: { idle: off, hint: 'a stop string is never part of the output' },
  prompt_logprobs: { idle: off, hint: 'log-probabilities are those of the output' },
  truncate_prompt_tokens: { hint: 'shorten the prompt' },
  echo: { idle: off, hint: 'the prompt is not repeated' },
  lora: { idle: empty, hint: 'there are no adapters' },
  id_slot: { idle: is(-1), hint: 'sequences have no fixed slots' },
  post_sampling_probs: { idle: off, hint: 'log-probabilities are those of the model' },
  return_progress: { idle: off, hint: 'a prompt is reported once it is processed' },
  sse_ping_interval: { hint: 'pings come when a stream has been silent for 15 s' },
  t_max_predict_ms: { idle: is(0, -1), hint: 'set max_tokens, or close the connection' },
}

/** llama.cpp's names for what others call otherwise. */
const OTHER_NAMES: Unsupported = {
  repeat_penalty: { idle: is(1), hint: 'it is called repetition_penalty here' },
  n_predict: { hint: 'it is called max_tokens here' },
  n_probs: { idle: is(0), hint: 'it is called logprobs here' },
}

export const CHAT_UNSUPPORTED: Unsupported = {
  ...COMMON,
  ...OTHER_NAMES,
  tools: { idle: empty, hint: NO_TOOLS },
  tool_choice: { idle: is('none', 'auto'), hint: NO_TOOLS },
  functions: { idle: empty, hint: NO_TOOLS },
  function_call: { idle: is('none', 'auto'), hint: NO_TOOLS },
  response_format: { idle: value => (value as { type?: unknown }).type === 'text', hint: NO_GRAMMAR },
  modalities: { idle: value => JSON.stringify(value) === '["text"]', hint: 'the output is text' },
  audio: { hint: 'the output is text' },
  prediction: { hint: LEAVE_OUT },
  web_search_options: { hint: 'the server does not reach out' },
  documents: { idle: empty, hint: 'put them into a message' },
  chat_template: { hint: 'the model’s own template is used' },
  continue_final_message: { idle: off, hint: 'use /v1/completions with the whole text' },
  add_generation_prompt: { idle: is(true), hint: 'use /v1/completions with the whole text' },
}

/** Of routes that make a prompt of a chat and go no further. */
export const TEMPLATE_UNSUPPORTED: Unsupported = Object.fromEntries(
  ['tools', 'functions', 'documents', 'chat_template', 'continue_final_message', 'add_generation_prompt'].map(name => [
    name,
    CHAT_UNSUPPORTED[name]!,
  ]),
)

export const COMPLETION_UNSUPPORTED: Unsupported = {
  ...COMMON,
  ...OTHER_NAMES,
  suffix: { idle: is(''), hint: 'put it into the prompt' },
}

export const GENERATE_UNSUPPORTED: Unsupported = {
  ...COMMON,
  ...OTHER_NAMES,
  stream: { idle: off, hint: 'use /v1/completions' },
  n: { idle: is(1), hint: 'use /v1/completions' },
}

/** Without repetitions to penalize, how far back they are looked for means nothing. */
const noPenalty = (body: Readonly<Record<string, unknown>>) =>
  ['repeat_penalty', 'repetition_penalty'].every(name => (body[name] ?? 1) === 1) &&
  ['presence_penalty', 'frequency_penalty'].every(name => (body[name] ?? 0) === 0)

export const LLAMA_UNSUPPORTED: Unsupported = {
  ...COMMON,
  repeat_last_n: {
    idle: (value, body) => value === -1 || noPenalty(body),
    hint: 'penalties look at all of prompt and output, as with −1',
  },
  n_indent: { idle: is(0), hint: NO_GRAMMAR },
  min_keep: { idle: is(0, 1), hint: NO_SAMPLER },
  n_cache_reuse: { idle: is(0), hint: 'cached prefixes are found from the start of the prompt alone' },
  image_data: { idle: empty, hint: 'only text is read' },
}

export const TOKENIZE_UNSUPPORTED: Unsupported = {
  ...TEMPLATE_UNSUPPORTED,
  parse_special: { idle: is(true), hint: 'what looks like a special token is one' },
}
