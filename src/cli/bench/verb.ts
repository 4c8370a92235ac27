import { ENGINE_OPTIONS, MEASURED_ENGINE_OPTIONS, type OptionKey } from '../options.ts'
import type { Verb } from '../verb.ts'
import { CLIENT_OPTIONS, DRAWING_OPTIONS, LOAD_OPTIONS, RESULT_OPTIONS, WORK_OPTIONS } from './options.ts'

/** What every measurement under load can be told, less what the preset itself chooses. */
function options(...without: readonly OptionKey[]): readonly OptionKey[] {
  const all: readonly OptionKey[] = [
    ...LOAD_OPTIONS,
    ...WORK_OPTIONS,
    'slo',
    ...RESULT_OPTIONS,
    ...CLIENT_OPTIONS,
    ...DRAWING_OPTIONS,
    ...ENGINE_OPTIONS,
  ]
  return [...new Set(all)].filter(key => !without.includes(key))
}

const RUN_OPTIONS = [...options(), 'sloShare', 'pair', 'margin'] as const

/** What is said of a load's options in each help. */
const UNDER_LOAD = {
  unlisted: [...DRAWING_OPTIONS.filter(key => key !== 'temperature'), ...ENGINE_OPTIONS],
  more: 'All options of sampling hold as well (warpline generate --help), and for a target that runs in this process all\nof its engine (warpline serve --help).',
} as const

const OPEN_LOOP = ['rate', 'arrivals', 'burstiness', 'rampFrom', 'maxInFlight', 'replay', 'replaySpeed'] as const

async function action(name: string) {
  const { ACTIONS } = await import('./index.ts')
  return ACTIONS[name]!
}

/** What stands behind `bench` and has options of its own. */
const PARTS: readonly Verb[] = [
  {
    name: 'run',
    summary: 'one load on one target; as bench without a preset',
    target: true,
    options: RUN_OPTIONS,
    ...UNDER_LOAD,
    examples: ['warpline bench run http://127.0.0.1:8090 --concurrency 16 --duration 30s'],
    load: () => action('run'),
  },
  {
    name: 'latency',
    summary: 'one request at a time: what a target can do at best',
    target: true,
    options: options('concurrency', ...OPEN_LOOP),
    ...UNDER_LOAD,
    examples: ['warpline bench latency http://127.0.0.1:8090 --requests 20 -n 64'],
    load: () => action('latency'),
  },
  {
    name: 'throughput',
    summary: 'as many requests at a time as the target takes',
    target: true,
    options: options(...OPEN_LOOP),
    ...UNDER_LOAD,
    examples: ['warpline bench throughput http://127.0.0.1:8090 --duration 30s'],
    load: () => action('throughput'),
  },
  {
    name: 'sweep',
    summary: 'one load after another (1, 2, 4, 8 users), and where more gives no more',
    target: true,
    options: options('replay', 'replaySpeed', 'rampFrom'),
    ...UNDER_LOAD,
    examples: [
      'warpline bench sweep http://127.0.0.1:8090 --html sweep.html',
      'warpline bench sweep http://127.0.0.1:8090 --rate 1,2,4,8 --slo "ttft<500ms"',
    ],
    load: () => action('sweep'),
  },
  {
    name: 'scaling',
    summary: 'the same load on targets of several sizes, against the first',
    target: false,
    words: 'TARGET…',
    options: [...options(), 'counts'],
    ...UNDER_LOAD,
    examples: [
      'warpline bench scaling http://one:8090 http://two:8090',
      'warpline bench scaling "http://gpus-{n}:8090" --counts 1,2,4',
    ],
    load: () => action('scaling'),
  },
  {
    name: 'cache',
    summary: 'what a known prefix is worth: the same prompts cold and warm',
    target: true,
    options: options('concurrency', ...OPEN_LOOP, 'duration', 'prompts', 'turns'),
    ...UNDER_LOAD,
    examples: ['warpline bench cache http://127.0.0.1:8090 -p 1024'],
    load: () => action('cache'),
  },
  {
    name: 'layers',
    summary: 'the same load in process, over HTTP and through a router: what each layer adds',
    target: true,
    options: options('model', 'apiKeyFile', 'api', 'streaming'),
    ...UNDER_LOAD,
    examples: ['warpline bench layers ember --concurrency 4'],
    load: () => action('layers'),
  },
  {
    name: 'matrix',
    summary: 'models × batches × prompts × GPUs × quantisation, a cell each; goes on where it stopped',
    target: false,
    words: 'FILE',
    options: ['folder', 'force', 'html', 'csv', 'json'],
    examples: ['warpline bench matrix cells.yaml --folder out'],
    load: () => action('matrix'),
  },
  {
    name: 'compare',
    summary: 'reports side by side: exits with 0 same, 1 worse, 2 cannot be told',
    target: false,
    words: 'BEFORE.json AFTER.json…',
    options: ['margin', 'json'],
    examples: ['warpline bench compare before.json after.json'],
    load: () => action('compare'),
  },
  {
    name: 'report',
    summary: 'print a report again, or make its page',
    target: false,
    words: 'FILE.json',
    options: RESULT_OPTIONS.filter(key => key !== 'jsonl' && key !== 'save'),
    examples: ['warpline bench report run.json --html run.html'],
    load: () => action('report'),
  },
  {
    name: 'engine',
    summary: 'a model’s engine alone, in process: prompts and generation, as llama-bench has them',
    target: true,
    measures: true,
    options: [
      'promptLengths',
      'answerLengths',
      'depths',
      'batches',
      'repeat',
      'ablate',
      'ceilings',
      'format',
      'output',
      ...MEASURED_ENGINE_OPTIONS,
    ],
    examples: [
      'warpline bench engine',
      'warpline bench engine llama-2-7b -p 512,2048 -n 128 --batches 1,8,32,128',
      'warpline bench engine ./my-model --depths 0,4096 --quantize fp8 --format json --output run.json',
      'warpline bench engine --config llama-2-7b -p 0 --batches 1 --ablate',
    ],
    load: () => action('engine'),
  },
]

export const BENCH: Verb = {
  name: 'bench',
  summary: 'measure any target under load, and say whether the figures are the target’s',
  target: true,
  options: RUN_OPTIONS,
  ...UNDER_LOAD,
  parts: PARTS,
  examples: [
    'warpline bench http://127.0.0.1:8090',
    'warpline bench http://127.0.0.1:8090 --concurrency 32 -p 512 -n 128 --html report.html',
    'warpline bench http://127.0.0.1:8090 --rate 4 --duration 2m --slo "ttft<500ms,tpot<50ms"',
    'warpline bench http://127.0.0.1:8090 --slo "ttft<200ms,itl<30ms"',
    'warpline bench http://127.0.0.1:8090 --pair http://127.0.0.1:8091',
  ],
  load: () => action('run'),
}
