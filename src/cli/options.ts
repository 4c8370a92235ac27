import { lengths, objectives, proportion, runExtent } from './bench/values.ts'
import type { Config } from './config.ts'
import {
  choice,
  device,
  duration,
  extent,
  flag,
  number,
  numbers,
  share,
  size,
  text,
  texts,
  type ValueType,
} from './value-types.ts'

/**
 * One option, in all the places where it can be given: `kvMemory` is `--kv-memory` on the command line,
 * `WARPLINE_KV_MEMORY` in the environment and `kvMemory` in the config file.
 */
export interface OptionSpec<T> {
  readonly type: ValueType<T>
  /** What stands for the value in `--help`; none for a flag. */
  readonly value?: string
  readonly short?: string
  readonly help: string
  readonly default?: T
}

/** A default exactly where the config promises a value. */
type OptionTable = {
  readonly [K in keyof Config]-?: OptionSpec<NonNullable<Config[K]>> &
    (Record<never, never> extends Pick<Config, K> ? { readonly default?: never } : { readonly default: Config[K] })
}

export const OPTIONS: OptionTable = {
  target: { type: text, value: 'TARGET', help: 'what to run, for where no TARGET is given as an argument' },

  // The engine
  device: {
    type: device,
    value: 'DEVICE',
    help: 'what computes: auto, cpu, cuda, cuda:1 for the second GPU, or cpu-reference, slow and plain (default: auto, a GPU where there is one)',
  },
  threads: {
    type: number({ min: 1, max: 1024, whole: true }),
    value: 'N',
    help: 'threads that compute (default: one per core)',
  },
  dtype: {
    type: choice('auto', 'f32', 'bf16', 'f16'),
    value: 'TYPE',
    help: 'what is computed in: auto, f32, bf16, f16 (default: auto, on a GPU f16 where the model is, else bf16; on a CPU f32)',
  },
  weights: {
    type: choice('auto', 'f32', 'bf16', 'f16'),
    value: 'TYPE',
    help: 'how weights are kept: auto, f32, bf16, f16 (default: auto, on a GPU as --dtype; on a CPU bf16 where that loses nothing or the model is large)',
  },
  context: {
    type: number({ min: 1, max: 2 ** 31 - 1, whole: true }),
    value: 'TOKENS',
    help: 'longest prompt and answer together (default: the model’s, at most 8192)',
  },
  maxSequences: {
    type: number({ min: 1, max: 65536, whole: true }),
    value: 'N',
    help: 'sequences that run at once, others wait (default: 64, on a GPU 256)',
  },
  kvMemory: {
    type: size,
    value: 'SIZE',
    help: 'memory for the KV cache, e.g. 512MiB (default: 256MiB, or one full context; on a GPU what --gpu-memory leaves)',
  },
  quantize: {
    type: choice('fp8', 'int8'),
    value: 'TYPE',
    help: 'keep weights in one byte each: int8, or on a GPU fp8, at a small loss',
  },
  kvType: {
    type: choice('auto', 'f32', 'bf16', 'f16', 'fp8'),
    value: 'TYPE',
    help: 'how keys and values are kept: auto, f32, bf16, f16, fp8 (default: auto, as --dtype)',
  },
  gpuMemory: {
    type: share,
    value: 'SHARE',
    help: 'how much of a GPU’s memory may be taken, e.g. 90% or 1GiB (default: 90%)',
  },
  tokenBudget: {
    type: number({ min: 1, max: 65536, whole: true }),
    value: 'N',
    help: 'tokens in one step; larger is faster for long prompts and stalls running streams for longer (default: 256, on a GPU 2048)',
  },
  prefixCaching: {
    type: flag,
    help: 'compute every prompt from its first token on, even where an earlier one began alike',
    default: true,
  },
  loadFormat: {
    type: choice('auto', 'dummy'),
    value: 'FORMAT',
    help: 'dummy: random weights, for measurements, in the shape of TARGET or --config, e.g. llama-2-7b (default: auto)',
  },
  batchInvariant: {
    type: flag,
    help: 'a token’s bits do not depend on what else is in its step; costs a GPU speed, and a CPU nothing',
    default: false,
  },
  without: {
    type: texts,
    value: 'TECHNIQUE',
    help: 'what a GPU is to do without, e.g. graphs or pipelining, to see what it is worth; may be given several times',
  },

  // The server
  host: {
    type: text,
    value: 'HOST',
    help: 'address to listen on; 0.0.0.0 for all, with --keys or --insecure',
    default: '127.0.0.1',
  },
  insecure: {
    type: flag,
    help: 'listen where other machines can reach it, though it asks nobody who they are',
    default: false,
  },
  port: {
    type: number({ min: 0, max: 65535, whole: true }),
    value: 'PORT',
    help: 'port to listen on; 0 for any that is free',
    default: 8090,
  },
  model: {
    type: text,
    value: 'NAME',
    help: 'name that clients call the model by (default: its own; of a server elsewhere, the first it has)',
  },
  drainTimeout: {
    type: number({ min: 0, max: 86400 }),
    value: 'SECONDS',
    help: 'how long running requests may go on after a signal to stop',
    default: 30,
  },
  keys: {
    type: text,
    value: 'FILE',
    help: 'who may call: a file with a key a line, read again at SIGHUP; also WARPLINE_API_KEYS and WARPLINE_ADMIN_KEYS',
  },
  allowedHost: {
    type: texts,
    value: 'NAME',
    help: 'a name by which clients may call the server, e.g. behind a proxy; may be given several times',
  },
  corsOrigin: {
    type: texts,
    value: 'ORIGIN',
    help: 'a web page’s origin that may call the server, e.g. https://chat.example; may be given several times',
  },
  tlsCert: { type: text, value: 'FILE', help: 'the certificate chain (PEM): serve https; read again at SIGHUP' },
  tlsKey: { type: text, value: 'FILE', help: 'the certificate’s private key (PEM)' },
  queueTokens: {
    type: number({ min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }),
    value: 'N',
    help: 'prompt and expected output tokens that may wait; beyond, requests are refused with 429',
    default: 1_048_576,
  },
  queueTime: {
    type: number({ min: 0, max: 86400 }),
    value: 'SECONDS',
    help: 'longest wait that is taken on, at the rate that was measured; beyond, requests are refused with 429',
    default: 10,
  },
  writeTimeout: {
    type: number({ over: 0, max: 86400 }),
    value: 'SECONDS',
    help: 'how long a client may leave its answer untaken before it is cut off',
    default: 30,
  },
  onEngineFailure: {
    type: choice('stay', 'restart', 'exit'),
    value: 'WHAT',
    help: 'when the engine is lost: stay and say so (503), restart it, or exit for a supervisor to do so',
    default: 'stay',
  },
  logLevel: {
    type: choice('debug', 'info', 'warn', 'error', 'silent'),
    value: 'LEVEL',
    help: 'least that is logged: debug, info (a line a request), warn, error, silent',
    default: 'info',
  },
  logFormat: { type: choice('text', 'json'), value: 'FORMAT', help: 'log lines as text or json', default: 'text' },

  // The plan
  gpus: {
    type: text,
    value: 'GPUS',
    help: 'GPUs to plan for, e.g. 2xRTX4090 (default: those that are here)',
  },
  tp: {
    type: number({ min: 1, max: 64, whole: true }),
    value: 'N',
    help: 'GPUs to split the model over (default: all of them)',
  },
  batch: {
    type: number({ min: 1, max: 65536, whole: true }),
    value: 'N',
    help: 'sequences that run at once, each with a whole context (default: 1)',
  },

  // Measurements of the engine
  promptLengths: {
    type: numbers({ min: 0, max: 2 ** 20, whole: true }),
    value: 'TOKENS',
    short: '-p',
    help: 'prompts to process, by length, e.g. 512,2048; 0 for none',
    default: [512, 2048],
  },
  answerLengths: {
    type: numbers({ min: 0, max: 2 ** 20, whole: true }),
    value: 'TOKENS',
    short: '-n',
    help: 'answers to generate, by length; 0 for none',
    default: [128],
  },
  depths: {
    type: numbers({ min: 0, max: 2 ** 20, whole: true }),
    value: 'TOKENS',
    short: '-d',
    help: 'tokens that each sequence holds before, e.g. 0,4096',
    default: [0],
  },
  batches: {
    type: numbers({ min: 1, max: 65536, whole: true }),
    value: 'N',
    short: '-b',
    help: 'sequences at once',
    default: [1, 8, 32],
  },
  repeat: {
    type: number({ min: 1, max: 1000, whole: true }),
    value: 'N',
    short: '-r',
    help: 'how often each is measured',
    default: 3,
  },
  ablate: {
    type: flag,
    help: 'measure again without each technique of the GPU: what it is worth',
    default: false,
  },
  ceilings: {
    type: flag,
    help: 'do not measure what the GPU gives at best, and give no shares of it',
    default: true,
  },
  format: { type: choice('table', 'json', 'csv'), value: 'FORMAT', help: 'table, json or csv', default: 'table' },
  output: { type: text, value: 'FILE', short: '-o', help: 'write the report to a file' },

  // The load of a benchmark
  concurrency: {
    type: numbers({ min: 1, max: 65536, whole: true }),
    value: 'N',
    short: '-c',
    help: 'closed loop: so many users, each of whom asks again when answered; several, e.g. 1,2,4, for a sweep',
  },
  rate: {
    type: numbers({ over: 0, max: 1e6 }),
    value: 'N',
    help: 'open loop: requests per second that come whatever becomes of them; several for a sweep',
  },
  arrivals: {
    type: choice('constant', 'poisson', 'gamma'),
    value: 'KIND',
    help: 'how an open loop’s requests are spread: constant, poisson, gamma (default: poisson, with --burstiness gamma)',
  },
  burstiness: {
    type: number({ over: 0, max: 1000 }),
    value: 'X',
    help: 'shape of gamma arrivals: below 1 they come in bursts, 1 is poisson, above they are steadier',
  },
  rampFrom: {
    type: number({ min: 0, max: 1e6 }),
    value: 'N',
    help: 'let the rate grow from this to --rate over the run',
  },
  maxInFlight: {
    type: number({ min: 1, max: 65536, whole: true }),
    value: 'N',
    help: 'requests of an open loop under way at once; others wait, and their wait counts (default: no limit)',
  },
  replay: {
    type: text,
    value: 'FILE',
    help: 'requests as once recorded: lines of {"timestamp" (ms), "input_length", "output_length"}',
  },
  replaySpeed: { type: number({ over: 0, max: 1e6 }), value: 'X', help: 'replay so many times as fast', default: 1 },
  requests: {
    type: number({ min: 1, max: 1e9, whole: true }),
    value: 'N',
    help: 'measure so many requests (default: as many as come in --duration)',
  },
  duration: {
    type: duration,
    value: 'TIME',
    help: 'measure for so long, e.g. 30s, 2m (default: what the preset needs; run: 20s)',
  },
  warmUp: {
    type: runExtent,
    value: 'AMOUNT',
    help: 'what comes before and does not count: requests, e.g. 20, or a time, e.g. 5s (default: 3s)',
  },

  // The work of a benchmark
  prompts: {
    type: text,
    value: 'FILE',
    help: 'prompts to send: a line each, or .jsonl or .json of {"prompt"}, {"messages"} or ShareGPT’s {"conversations"}',
  },
  promptTokens: {
    type: lengths,
    value: 'TOKENS',
    short: '-p',
    help: 'length of random prompts: 512, 100-500 or normal:512,64 (default: 128)',
  },
  outputTokens: {
    type: lengths,
    value: 'TOKENS',
    short: '-n',
    help: 'length of answers, likewise (default: 64; of prompts from a file, theirs or 128)',
  },
  sharedPrefix: {
    type: number({ min: 0, max: 2 ** 24, whole: true }),
    value: 'TOKENS',
    help: 'tokens with which all random prompts begin; the rest is known to no cache (default: 0)',
  },
  prefixes: {
    type: number({ min: 1, max: 1e6, whole: true }),
    value: 'N',
    help: 'distinct shared prefixes, dealt out in turn (default: 1)',
  },
  turns: {
    type: number({ min: 1, max: 1000, whole: true }),
    value: 'N',
    help: 'turns of each random dialogue (default: 1)',
  },
  send: {
    type: choice('auto', 'tokens', 'text', 'chat'),
    value: 'HOW',
    help: 'prompts as tokens (exact lengths), text or chat; auto: what the target takes',
    default: 'auto',
  },

  // What a benchmark is after
  slo: {
    type: objectives,
    value: 'BOUNDS',
    help: 'what a request must keep to count as good, e.g. "ttft<200ms,itl<30ms"; without a load, searches for the greatest goodput',
  },
  sloShare: {
    type: proportion,
    value: 'SHARE',
    help: 'of the requests offered, how many must be good for a rate to hold (default: 90%)',
  },
  pair: { type: text, value: 'TARGET', help: 'measure this target as well, in turns with the first, and compare' },
  margin: {
    type: proportion,
    value: 'SHARE',
    help: 'a difference below which two runs are the same (default: 5%)',
  },
  counts: {
    type: numbers({ min: 1, max: 65536, whole: true }),
    value: 'N',
    help: 'GPUs or ranks that {n} in a target’s name stands for (default: 1,2,4)',
  },

  // How a benchmark asks
  processes: {
    type: number({ min: 1, max: 256, whole: true }),
    value: 'N',
    help: 'processes that make the load (default: what the machine and the load call for)',
  },
  timeout: {
    type: duration,
    value: 'TIME',
    help: 'give a request up after so long, and count it as failed (default: 10m)',
  },
  calibrate: {
    type: flag,
    help: 'do not measure the client first: a run that it limited may not be told as INVALID',
    default: true,
  },
  streaming: { type: flag, help: 'take answers of a server elsewhere in one piece: no ITL, no TPOT', default: true },
  api: {
    type: choice('auto', 'chat', 'completions', 'llama'),
    value: 'API',
    help: 'routes of a server elsewhere: auto, chat, completions, llama (its /completion) (default: auto)',
  },
  apiKeyFile: {
    type: text,
    value: 'FILE',
    help: 'the key for a server elsewhere; without it, WARPLINE_API_KEY or OPENAI_API_KEY',
  },

  // What a benchmark leaves
  save: { type: text, value: 'FILE', help: 'keep the report as JSON, for bench compare and bench report' },
  html: { type: text, value: 'FILE', help: 'write the report as a page with charts that opens without network' },
  csv: { type: text, value: 'FILE', help: 'write a line for each run' },
  jsonl: { type: text, value: 'FILE', help: 'write a line for each request, with every arrival' },
  vllm: { type: text, value: 'FILE', help: 'write the result in the shape of vllm bench serve’s' },
  folder: {
    type: text,
    value: 'FOLDER',
    help: 'where a matrix keeps a JSON for each cell; what is there is not measured again',
    default: 'matrix',
  },
  force: { type: flag, help: 'measure cells again that are there', default: false },

  depth: {
    type: number({ min: 0, max: 2 ** 20, whole: true }),
    value: 'TOKENS',
    short: '-d',
    help: 'tokens that each sequence holds before',
    default: 0,
  },
  promptLength: {
    type: number({ min: 1, max: 2 ** 20, whole: true }),
    value: 'TOKENS',
    short: '-p',
    help: 'a prompt whose step is profiled as well',
  },
  steps: {
    type: number({ min: 1, max: 10_000, whole: true }),
    value: 'N',
    help: 'how many steps are watched, and how often one is taken apart',
    default: 20,
  },
  trace: { type: text, value: 'FILE', help: 'write a trace for Perfetto or Chrome' },
  nvtx: { type: flag, help: 'name operations for Nsight (NVTX ranges)', default: false },
  nsys: {
    type: flag,
    help: 'run under Nsight Systems; where that is not installed, print the command line for it',
    default: false,
  },

  // A kernel of one's own
  kernel: { type: text, value: 'NAME', help: 'the kernel to run, of a file with several' },
  grid: {
    type: extent,
    value: 'BLOCKS',
    help: 'blocks, e.g. 64 or 64x2 (default: a thread for each value of the longest buffer)',
  },
  block: { type: extent, value: 'THREADS', help: 'threads of a block, e.g. 256 or 16x16 (default: 256)' },
  args: {
    type: texts,
    value: 'ARGS',
    help: 'a kernel’s arguments in order, e.g. "f32[1024]=random f32[1024]=0 u32=1024"',
  },

  // The prompt
  prompt: { type: text, value: 'TEXT', short: '-p', help: 'what to complete; - reads standard input' },
  system: { type: text, value: 'TEXT', help: 'the system message' },
  raw: { type: flag, help: 'complete the text as it is, without the model’s chat template', default: false },
  json: { type: flag, help: 'print one JSON object', default: false },

  // Sampling
  temperature: {
    type: number({ min: 0, max: 10 }),
    value: 'T',
    help: '0 takes the likeliest token (default: the model’s)',
  },
  topK: { type: number({ min: 0, whole: true }), value: 'K', help: 'keep the K likeliest tokens; 0 keeps all' },
  topP: { type: number({ over: 0, max: 1 }), value: 'P', help: 'keep the likeliest tokens up to this probability' },
  minP: {
    type: number({ min: 0, max: 1 }),
    value: 'P',
    help: 'drop tokens less likely than this share of the likeliest',
  },
  repetitionPenalty: { type: number({ over: 0, max: 10 }), value: 'X', help: 'above 1 makes repetition less likely' },
  presencePenalty: { type: number({ min: -2, max: 2 }), value: 'X', help: 'lowers tokens that the answer holds' },
  frequencyPenalty: { type: number({ min: -2, max: 2 }), value: 'X', help: '…by how often it holds them' },
  seed: {
    type: number({ min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }),
    value: 'N',
    help: 'the same seed gives the same answer, and a benchmark the same load',
  },
  maxTokens: {
    type: number({ min: 1, whole: true }),
    value: 'N',
    help: 'longest answer (default: to the context’s end)',
  },
  minTokens: { type: number({ min: 0, whole: true }), value: 'N', help: 'shortest answer' },
  stop: { type: texts, value: 'TEXT', help: 'end the answer before this text; may be given several times' },
  ignoreEos: { type: flag, help: 'go on past the model’s end token', default: false },
}

export type OptionKey = keyof Config

export const OPTION_KEYS = Object.keys(OPTIONS) as readonly OptionKey[]

export const ENGINE_OPTIONS = [
  'device',
  'threads',
  'dtype',
  'weights',
  'quantize',
  'kvType',
  'context',
  'maxSequences',
  'tokenBudget',
  'kvMemory',
  'gpuMemory',
  'prefixCaching',
  'loadFormat',
  'batchInvariant',
  'without',
] as const

/** Works of a benchmark need the prefix cache to find what lies before them. */
export const MEASURED_ENGINE_OPTIONS = ENGINE_OPTIONS.filter(key => key !== 'prefixCaching')

export const SERVER_OPTIONS = [
  'host',
  'port',
  'model',
  'keys',
  'insecure',
  'allowedHost',
  'corsOrigin',
  'tlsCert',
  'tlsKey',
  'queueTokens',
  'queueTime',
  'writeTimeout',
  'drainTimeout',
  'onEngineFailure',
  'logLevel',
  'logFormat',
] as const

export const SAMPLING_OPTIONS = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'maxTokens',
  'minTokens',
  'stop',
  'ignoreEos',
] as const

/** How a benchmark's answers are drawn: how long they are is said by its work. */
export const DRAWING_OPTIONS = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'stop',
] as const

/** How a benchmark puts load on a target. */
export const LOAD_OPTIONS = [
  'concurrency',
  'rate',
  'arrivals',
  'burstiness',
  'rampFrom',
  'maxInFlight',
  'replay',
  'replaySpeed',
  'requests',
  'duration',
  'warmUp',
] as const

export const WORK_OPTIONS = [
  'prompts',
  'promptTokens',
  'outputTokens',
  'sharedPrefix',
  'prefixes',
  'turns',
  'send',
  'seed',
] as const

export const CLIENT_OPTIONS = ['processes', 'timeout', 'calibrate', 'streaming', 'api', 'model', 'apiKeyFile'] as const

export const RESULT_OPTIONS = ['format', 'save', 'html', 'csv', 'jsonl', 'vllm'] as const

/** Under what heading options stand in `--help`; others stand under none of their own. */
export const OPTION_GROUPS: Readonly<Record<string, readonly OptionKey[]>> = {
  'Load:': LOAD_OPTIONS,
  'Work:': WORK_OPTIONS.filter(key => key !== 'seed'),
  'Results:': RESULT_OPTIONS,
  'Client:': CLIENT_OPTIONS.filter(key => key !== 'model'),
  'Engine:': ENGINE_OPTIONS,
  'Sampling:': SAMPLING_OPTIONS,
}

/** `kvMemory` → `--kv-memory`; what is on unless switched off, `prefixCaching` → `--no-prefix-caching`. */
export function flagOf(key: OptionKey): string {
  return `--${OPTIONS[key].default === true ? 'no-' : ''}${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

/** `kvMemory` → `WARPLINE_KV_MEMORY`. */
export function variableOf(key: OptionKey): string {
  return `WARPLINE_${key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
}
