import type { LoadSpec, PresetSettings, WorkSpec } from '../../bench/index.ts'
import { type Config, pick } from '../config.ts'
import { UsageError } from '../exit.ts'
import { DRAWING_OPTIONS, ENGINE_OPTIONS, OPTIONS } from '../options.ts'
import { engineOptions } from '../target.ts'

export type SendAs = 'tokens' | 'text' | 'chat'

/** What was chosen on the command line, as presets take it. `as`: what `--send auto` has come to. */
export function settingsOf(config: Config, as: SendAs): Omit<PresetSettings, 'targets'> {
  const { requests, duration, warmUp, processes, timeout, slo, sloShare, seed } = config
  return {
    open: openOptions(config),
    work: workOf(config, as),
    loads: loadsOf(config),
    seed: seed ?? 1,
    ...(warmUp && { warmUp }),
    ...(requests !== undefined && { measure: { requests } }),
    ...(duration !== undefined && { measure: { seconds: duration } }),
    ...(processes !== undefined && { processes }),
    ...(timeout !== undefined && { requestTimeoutMs: timeout * 1000 }),
    objectives: slo ?? [],
    ...(sloShare !== undefined && { share: sloShare }),
    calibrate: config.calibrate,
  }
}

/** Of an engine here, and of a server elsewhere: a target takes what is for its kind. */
export function openOptions(config: Config): NonNullable<PresetSettings['open']> {
  const { model, api, apiKeyFile, streaming } = config
  const remote = {
    ...(model !== undefined && { model }),
    ...(api !== undefined && { api }),
    ...(apiKeyFile !== undefined && { apiKeyFile }),
    ...(!streaming && { streaming }),
  }
  // What is as ever goes without saying: it would stand in every report.
  const as = ENGINE_OPTIONS.filter(key => config[key] === OPTIONS[key].default)
  const chosen = Object.fromEntries(Object.entries(config).filter(([key]) => !as.some(each => each === key))) as Config
  return { ...engineOptions(chosen), ...(Object.keys(remote).length > 0 && { remote }) }
}

function loadsOf(config: Config): readonly LoadSpec[] {
  const { concurrency = [], rate = [], replay, replaySpeed, burstiness, rampFrom, maxInFlight } = config
  const { arrivals = burstiness === undefined ? 'poisson' : 'gamma' } = config
  return [
    ...concurrency.map(concurrency => ({ kind: 'closed', concurrency }) as const),
    ...rate.map(rate => ({
      kind: 'open' as const,
      rate,
      arrivals,
      ...(burstiness !== undefined && { burstiness }),
      ...(rampFrom !== undefined && { rampFrom }),
      ...(maxInFlight !== undefined && { maxInFlight }),
    })),
    ...(replay === undefined ? [] : [{ kind: 'trace', path: replay, speed: replaySpeed } as const]),
  ]
}

function workOf(config: Config, as: SendAs): WorkSpec {
  const { prompts, promptTokens, outputTokens, sharedPrefix, prefixes, turns } = config
  const sampling = pick(config, DRAWING_OPTIONS)
  const drawn = Object.keys(sampling).length > 0 ? { sampling } : {}
  if (prompts !== undefined) {
    return {
      kind: 'file',
      path: prompts,
      ...(outputTokens && { output: outputTokens }),
      ...(as === 'chat' && { as }),
      ...drawn,
    }
  }
  return {
    kind: 'synthetic',
    prompt: promptTokens ?? { kind: 'fixed', tokens: 128 },
    output: outputTokens ?? { kind: 'fixed', tokens: 64 },
    ...(sharedPrefix !== undefined && { sharedPrefix }),
    ...(prefixes !== undefined && { prefixes }),
    ...(turns !== undefined && { turns }),
    as,
    ...drawn,
  }
}

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
