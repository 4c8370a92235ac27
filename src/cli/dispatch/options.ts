import type { OptionTable } from '../option-table.ts'
import { choice, duration, flag, number, numbers, text, texts } from '../value-types.ts'
import { postPlace } from './values.ts'

/** What a dispatch can be told. */
export const DISPATCH_OPTIONS = {
  targets: {
    type: texts,
    value: 'TARGET',
    flag: '--target',
    help: 'what executing ranks run on, in turn; may be given several times, or as a list with commas; {rank}, {worker} and {gpu} stand for the rank’s own (default: the bundled model)',
  },
  ranks: {
    type: number({ min: 1, max: 4096, whole: true }),
    value: 'N',
    help: 'start so many ranks on this host by mpirun; rank 0 hands out, the others execute',
  },
  mpirun: {
    type: text,
    value: 'PATH',
    help: 'the mpirun for --ranks, Open MPI’s or MPICH’s (default: what is installed)',
  },
  inflight: {
    type: number({ min: 1, max: 1_000_000, whole: true }),
    value: 'N',
    help: 'requests under way at once, of all ranks together',
    default: 8,
  },
  schedule: {
    type: choice('pull', 'steal', 'round-robin'),
    value: 'HOW',
    help: 'who gets which prompt: pull, whoever is free; steal, each its part, and the idle take of others’; round-robin, in turn',
    default: 'pull',
  },
  retries: {
    type: number({ min: 0, max: 100, whole: true }),
    value: 'N',
    help: 'how often a prompt is asked again where that may help: no connection, no room, no answer in time',
    default: 2,
  },
  heartbeatTimeout: {
    type: duration,
    value: 'TIME',
    help: 'a rank that is silent for so long is lost, and its prompts go to others',
    default: 5,
  },
  gpuMap: {
    type: numbers({ min: 0, max: 1023, whole: true }),
    value: 'GPUS',
    help: 'GPUs of executing ranks, in turn, e.g. 0,1,1,0 (default: those of each host, in turn)',
  },
  cudaPost: {
    type: postPlace,
    value: '[WHERE]',
    help: 'run a kernel over each answer’s tokens on the rank’s GPU, and time it; =cpu: its twin without a GPU',
  },
  cudaWork: {
    type: number({ min: 0, max: 2 ** 31 - 1, whole: true }),
    value: 'ROUNDS',
    help: 'how much work that kernel has for each token',
    default: 5000,
  },
  resume: {
    type: flag,
    help: 'go on with the results that an earlier run left: nothing is asked twice but what failed',
    default: false,
  },
  quiet: { type: flag, help: 'say nothing of progress', default: false },
} as const satisfies Partial<OptionTable>
