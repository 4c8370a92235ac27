import type { OptionTable } from '../option-table.ts'
import { choice, duration, flag, number, numbers, text } from '../value-types.ts'
import { lengths, objectives, proportion, runExtent } from './values.ts'

/** What a benchmark under load can be told. */
export const BENCH_OPTIONS = {
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
    help: 'what comes before and does not count: requests, e.g. 20, or a time, e.g. 5s (default: what the preset needs; run: 3s)',
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
  force: {
    type: flag,
    help: 'measure cells again that are there; dispatch: replace results that are there',
    default: false,
  },
} as const satisfies Partial<OptionTable>

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

export const AIM_OPTIONS = ['slo', 'sloShare', 'pair', 'margin', 'counts'] as const

export const CLIENT_OPTIONS = ['processes', 'timeout', 'calibrate', 'streaming', 'api', 'model', 'apiKeyFile'] as const

export const RESULT_OPTIONS = ['format', 'save', 'html', 'csv', 'jsonl', 'vllm'] as const
