import {
  AIM_OPTIONS,
  BENCH_OPTIONS,
  CLIENT_OPTIONS,
  LOAD_OPTIONS,
  RESULT_OPTIONS,
  WORK_OPTIONS,
} from './bench/options.ts'
import type { Config } from './config.ts'
import { DISPATCH_OPTIONS } from './dispatch/options.ts'
import type { OptionTable } from './option-table.ts'
import { ROUTE_KEYS, ROUTE_OPTIONS } from './route/options.ts'
import { SERVE_OPTIONS } from './serve-options.ts'
import { choice, device, extent, flag, number, numbers, share, size, text, texts } from './value-types.ts'

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

  ...SERVE_OPTIONS,

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
  output: { type: text, value: 'FILE', short: '-o', help: 'write the report, or a dispatch’s results, to a file' },

  ...BENCH_OPTIONS,

  ...DISPATCH_OPTIONS,

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

  ...ROUTE_OPTIONS,

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

/** Under what heading options stand in `--help`; others stand under none of their own. */
export const OPTION_GROUPS: Readonly<Record<string, readonly OptionKey[]>> = {
  'Load:': LOAD_OPTIONS,
  'Work:': WORK_OPTIONS.filter(key => key !== 'seed'),
  'Aim:': AIM_OPTIONS,
  'Results:': RESULT_OPTIONS,
  'Client:': CLIENT_OPTIONS.filter(key => key !== 'model'),
  'Router:': ROUTE_KEYS,
  'Engine:': ENGINE_OPTIONS,
  'Sampling:': SAMPLING_OPTIONS,
}

/** `kvMemory` → `--kv-memory`; what is on unless switched off, `prefixCaching` → `--no-prefix-caching`. */
export function flagOf(key: OptionKey): string {
  const { flag, default: fallback } = OPTIONS[key]
  return flag ?? `--${fallback === true ? 'no-' : ''}${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

/** `kvMemory` → `WARPLINE_KV_MEMORY`. */
export function variableOf(key: OptionKey): string {
  return `WARPLINE_${key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
}
