import type { LoadSpec, PresetSettings, WorkSpec } from '../../bench/index.ts'
import { type Config, pick } from '../config.ts'
import { ENGINE_OPTIONS, OPTIONS } from '../options.ts'
import { engineOptions } from '../target.ts'
import { DRAWING_OPTIONS } from './options.ts'

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
  // Defaults go without saying: they would stand in every report.
  const chosen = ENGINE_OPTIONS.filter(key => config[key] !== OPTIONS[key].default)
  return { ...engineOptions(pick(config, chosen)), ...(Object.keys(remote).length > 0 && { remote }) }
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
