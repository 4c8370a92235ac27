import { BENCH } from './bench/verb.ts'
import { DISPATCH } from './dispatch/verb.ts'
import { ENGINE_OPTIONS, MEASURED_ENGINE_OPTIONS, type OptionKey, SAMPLING_OPTIONS } from './options.ts'
import { ROUTE_KEYS } from './route/options.ts'
import { SERVE_KEYS } from './serve-options.ts'
import type { Verb } from './verb.ts'

export const VERBS: readonly Verb[] = [
  {
    name: 'serve',
    summary: 'serve a model over HTTP, by the OpenAI API',
    target: true,
    options: [...SERVE_KEYS, ...ROUTE_KEYS, ...ENGINE_OPTIONS],
    examples: [
      'warpline serve',
      'warpline serve ./my-model --port 8000 --model my-model',
      'warpline serve --host 0.0.0.0 --keys keys.txt --tls-cert cert.pem --tls-key key.pem',
      'warpline serve --upstream http://gpu1:8090 --upstream http://gpu2:8090',
      'warpline serve mock:?slots=8 --host 0.0.0.0 --insecure',
    ],
    load: async () => (await import('./serve.ts')).runServe,
  },
  {
    name: 'chat',
    summary: 'talk to a model in the terminal',
    target: true,
    options: ['system', ...SAMPLING_OPTIONS, ...ENGINE_OPTIONS],
    examples: [
      'warpline chat',
      'warpline chat ./my-model --system "Answer in one sentence." --temperature 0.2',
      'echo "What is Warpline?" | warpline chat',
    ],
    load: async () => (await import('./chat.ts')).runChat,
  },
  {
    name: 'generate',
    summary: 'complete one prompt and print the answer',
    target: true,
    options: ['prompt', 'system', 'raw', 'json', ...SAMPLING_OPTIONS, ...ENGINE_OPTIONS],
    examples: [
      'warpline generate -p "What is Warpline?"',
      'warpline generate -p - --max-tokens 64 --temperature 0 < prompt.txt',
      'warpline generate ./my-model --raw -p "Once upon a time" --json',
    ],
    load: async () => (await import('./generate.ts')).runGenerate,
  },
  {
    name: 'plan',
    summary: 'say whether a model fits a GPU and how fast it can be there',
    target: true,
    options: ['gpus', 'tp', 'context', 'batch', 'weights', 'quantize', 'kvType', 'gpuMemory', 'tokenBudget', 'json'],
    examples: [
      'warpline plan llama-2-7b',
      'warpline plan llama-2-70b --gpus 4xH100 --context 4096 --batch 32',
      'warpline plan ./my-model --gpus RTX4090 --quantize fp8 --json',
    ],
    load: async () => {
      const { runPlan } = await import('./plan/index.ts')
      return (config, world) => runPlan(config, world)
    },
  },
  BENCH,
  DISPATCH,
  {
    name: 'profile',
    summary: 'say where the time of a step goes, operation by operation',
    target: true,
    measures: true,
    options: [
      'batch',
      'depth',
      'promptLength',
      'steps',
      'trace',
      'nvtx',
      'nsys',
      'ceilings',
      'json',
      ...MEASURED_ENGINE_OPTIONS,
    ],
    examples: [
      'warpline profile',
      'warpline profile llama-2-7b --batch 8 --depth 2048 --prompt-length 512',
      'warpline profile ./my-model --trace trace.json',
      'warpline profile ./my-model --batch 32 --nsys',
    ],
    load: async () => (await import('./profile/index.ts')).runProfileVerb,
  },
  {
    name: 'kernels',
    summary: 'check and measure the kernel kit, or run a kernel of one’s own',
    target: false,
    words: 'list | check [NAME…] | bench [NAME…] | run FILE.cu',
    options: ['kernel', 'grid', 'block', 'args', 'seed', 'json'],
    examples: [
      'warpline kernels list',
      'warpline kernels check',
      'warpline kernels bench matmul-naive matmul-tiled matmul-tensor matmul-cublaslt',
      'warpline kernels run mine.cu --args "f32[1048576]=random i32=1048576 f32=0.5"',
    ],
    load: async () => (await import('./kernels/index.ts')).runKernels,
  },
  {
    name: 'mpi',
    summary: 'say whether ranks can speak to each other, and how fast',
    target: false,
    words: 'check',
    options: ['ranks', 'mpirun', 'json'],
    examples: [
      'warpline mpi check --ranks 2',
      'mpirun -np 4 warpline mpi check',
      'mpirun -np 2 warpline mpi check --json',
    ],
    load: async () => (await import('./mpi/index.ts')).runMpi,
  },
  {
    name: 'doctor',
    summary: 'say what this machine has, and what is missing for what',
    target: false,
    options: ['json'],
    examples: ['warpline doctor', 'warpline doctor --json'],
    load: async () => (await import('./doctor/index.ts')).runDoctor,
  },
]

/** Of a verb and all of its parts. */
export function optionsOf({ options, parts = [] }: Verb): readonly OptionKey[] {
  return [...options, ...parts.flatMap(optionsOf)]
}

export function examplesOf({ examples, parts = [] }: Verb): readonly string[] {
  return [...examples, ...parts.flatMap(examplesOf)]
}

/** What the words of a command line name: a verb, and its part, if there is one. */
export function namedVerb([verb, part]: readonly string[]): string | undefined {
  const found = VERBS.find(({ name }) => name === verb)
  const named = found?.parts?.find(({ name }) => name === part)
  return named ? `${found?.name} ${named.name}` : found?.name
}
