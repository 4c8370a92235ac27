import { familyMaker, type HistogramRow, type MetricFamily, type NumberRow, type NumbersRow } from './metric-family.ts'
import type { EngineScrape } from './scrape.ts'

const NUMBERS: readonly NumberRow<EngineScrape>[] = [
  ['gauge', 'num_requests_running', 'Sequences in the engine’s current step.', ({ stats }) => stats.running],
  ['gauge', 'num_requests_waiting', 'Requests that wait, in the server’s queue and in the engine’s.', waiting],
  ['gauge', 'kv_cache_usage_perc', 'Part of the KV cache’s blocks in use, 0…1.', kvUsage],
  [
    'counter',
    'num_preemptions_total',
    'Sequences that gave their blocks up to others.',
    ({ stats }) => stats.preemptions,
  ],
  ['counter', 'prefix_cache_queries_total', 'Prompt tokens looked up in the prefix cache.', promptTokens],
  ['counter', 'prefix_cache_hits_total', 'Prompt tokens found there.', ({ stats }) => stats.cachedTokens],
  ['counter', 'prompt_tokens_total', 'Prompt tokens, cached ones included.', promptTokens],
  [
    'counter',
    'prompt_tokens_cached_total',
    'Prompt tokens found in the prefix cache.',
    ({ stats }) => stats.cachedTokens,
  ],
  ['counter', 'generation_tokens_total', 'Tokens generated.', ({ stats }) => stats.generatedTokens],
]

const LABELLED: readonly NumbersRow<EngineScrape>[] = [
  [
    'gauge',
    'num_requests_waiting_by_reason',
    'Those that wait, by why: for room in the engine or their key’s limits, or for something else that passes (never here).',
    'reason',
    scrape => [
      ['capacity', waiting(scrape)],
      ['deferred', 0],
    ],
  ],
  [
    'counter',
    'request_success_total',
    'Sequences that ended, by how; abort: clients that left and deadlines that passed.',
    'finished_reason',
    ({ metrics }) => Object.entries(metrics.endings),
  ],
]

const HISTOGRAMS: readonly HistogramRow<EngineScrape>[] = [
  ['iteration_tokens_total', 'Tokens processed in a step, prompt and output.', ({ steps }) => steps.stepTokens],
  [
    'time_to_first_token_seconds',
    'From arrival to the first token, queue included.',
    ({ metrics }) => metrics.firstToken.snapshot(),
  ],
  ['inter_token_latency_seconds', 'Between two tokens of one answer.', ({ metrics }) => metrics.interToken.snapshot()],
  [
    'time_per_output_token_seconds',
    'The same under its older name, which dashboards have.',
    ({ metrics }) => metrics.interToken.snapshot(),
  ],
  [
    'request_time_per_output_token_seconds',
    'Decoding time of a request by its tokens after the first.',
    ({ metrics }) => metrics.perOutputToken.snapshot(),
  ],
  ['e2e_request_latency_seconds', 'From arrival to the last token.', ({ metrics }) => metrics.endToEnd.snapshot()],
  ['request_queue_time_seconds', 'Time in the queues.', ({ metrics }) => metrics.queue.snapshot()],
  [
    'request_prefill_time_seconds',
    'From a request’s first step to its first token.',
    ({ metrics }) => metrics.prefill.snapshot(),
  ],
  ['request_decode_time_seconds', 'From the first token to the last.', ({ metrics }) => metrics.decode.snapshot()],
  [
    'request_inference_time_seconds',
    'From a request’s first step to its last token.',
    ({ metrics }) => metrics.inference.snapshot(),
  ],
  ['request_prompt_tokens', 'Tokens of a prompt.', ({ metrics }) => metrics.promptTokens.snapshot()],
  [
    'request_generation_tokens',
    'Tokens of the answers to a prompt.',
    ({ metrics }) => metrics.generationTokens.snapshot(),
  ],
  ['request_params_n', 'Answers asked for by prompt.', ({ metrics }) => metrics.n.snapshot()],
  [
    'request_params_max_tokens',
    'Limits that requests set to their answers.',
    ({ metrics }) => metrics.maxTokens.snapshot(),
  ],
]

const CACHE_CONFIG: MetricFamily<EngineScrape> = {
  type: 'gauge',
  name: 'vllm:cache_config_info',
  help: 'Always 1; the labels tell how the KV cache is divided.',
  labels: ['model_name', 'engine', 'block_size', 'num_gpu_blocks', 'kv_cache_size_tokens'],
  collect(scrape) {
    const { info, stats } = scrape
    const labels = {
      ...labelsOf(scrape),
      block_size: String(info.kvBlockSize),
      num_gpu_blocks: String(stats.kvBlocksTotal),
      kv_cache_size_tokens: String(stats.kvBlocksTotal * info.kvBlockSize),
    }
    return [{ labels, value: 1 }]
  },
}

const { number, numbers, histogram } = familyMaker<EngineScrape>('vllm:', ['model_name', 'engine'], labelsOf)

/** As vLLM names them and splits them, so that its dashboards and schedulers need no change. */
export const VLLM_FAMILIES: readonly MetricFamily<EngineScrape>[] = [
  ...NUMBERS.map(number),
  ...LABELLED.map(numbers),
  CACHE_CONFIG,
  ...HISTOGRAMS.map(histogram),
]

function labelsOf({ model }: EngineScrape) {
  return { model_name: model, engine: '0' }
}

function waiting({ stats, queued }: EngineScrape): number {
  return queued + stats.waiting
}

function promptTokens({ stats }: EngineScrape): number {
  return stats.promptTokens
}

function kvUsage({ stats: { kvBlocksUsed, kvBlocksTotal } }: EngineScrape): number {
  return kvBlocksTotal > 0 ? kvBlocksUsed / kvBlocksTotal : 0
}
