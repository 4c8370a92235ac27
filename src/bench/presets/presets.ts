import { CACHE } from './cache.ts'
import { LATENCY } from './latency.ts'
import { PAIR } from './pair.ts'
import type { Preset } from './preset.ts'
import { RUN } from './run.ts'
import { SCALING } from './scaling.ts'
import { SLO } from './slo.ts'
import { SWEEP } from './sweep.ts'
import { THROUGHPUT } from './throughput.ts'

const ALL: readonly Preset[] = [RUN, LATENCY, THROUGHPUT, SWEEP, SLO, SCALING, CACHE, PAIR]

/** What puts loads on targets, by name. */
export const PRESETS: Readonly<Record<string, Preset>> = Object.fromEntries(ALL.map(preset => [preset.name, preset]))
