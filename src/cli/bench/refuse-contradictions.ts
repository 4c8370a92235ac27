import type { Config } from '../config.ts'
import { UsageError } from '../exit.ts'

const OPEN_ONLY = ['arrivals', 'burstiness', 'rampFrom', 'maxInFlight'] as const

/** Options that do not go together, or are nothing without another. */
const REFUSALS: readonly (readonly [wrong: (config: Config) => boolean, message: string])[] = [
  [
    ({ concurrency, rate, replay }) => [concurrency, rate, replay].filter(Boolean).length > 1,
    'give one of --concurrency (closed loop), --rate (open loop) and --replay',
  ],
  [
    config => !config.rate && OPEN_ONLY.some(key => config[key] !== undefined),
    'only with --rate: --arrivals, --burstiness, --ramp-from and --max-in-flight',
  ],
  [
    ({ burstiness, arrivals }) => burstiness !== undefined && (arrivals ?? 'gamma') !== 'gamma',
    '--burstiness is of --arrivals gamma',
  ],
  [
    ({ rampFrom, requests }) => rampFrom !== undefined && requests !== undefined,
    '--ramp-from is spread over a --duration, not over --requests',
  ],
  [
    ({ requests, duration }) => requests !== undefined && duration !== undefined,
    'give one of --requests and --duration',
  ],
  [
    ({ prompts, promptTokens }) => prompts !== undefined && promptTokens !== undefined,
    '--prompt-tokens is of random prompts, not of --prompts',
  ],
  [
    ({ prompts, sharedPrefix, prefixes, turns }) =>
      prompts !== undefined && [sharedPrefix, prefixes, turns].some(value => value !== undefined),
    '--shared-prefix, --prefixes and --turns are of random prompts, not of --prompts',
  ],
  [({ prompts, send }) => prompts !== undefined && send === 'tokens', '--prompts are sent as text or chat'],
  [
    ({ prefixes, sharedPrefix }) => prefixes !== undefined && sharedPrefix === undefined,
    '--prefixes needs --shared-prefix',
  ],
  [
    ({ replay, promptTokens, outputTokens, prompts }) =>
      replay !== undefined && [promptTokens, outputTokens, prompts].some(value => value !== undefined),
    '--replay brings its own lengths',
  ],
]

/** @throws UsageError */
export function refuseContradictions(config: Config): void {
  for (const [wrong, message] of REFUSALS) if (wrong(config)) throw new UsageError(`bench: ${message}`)
}
