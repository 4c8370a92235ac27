import type { Preset } from '../../bench/index.ts'

/** One load on one target. */
const RUN: Preset = {
  name: 'run',
  run: async ({ targets, loads, warmUp, measure, objectives, share: _, calibrate, ...spec }, tools) => {
    const [target = 'ember'] = targets
    const { report } = await tools.measure(
      {
        ...spec,
        target,
        load: loads[0] ?? { kind: 'closed', concurrency: 8 },
        warmUp: warmUp ?? { seconds: 3 },
        measure: measure ?? { seconds: 20 },
      },
      { objectives, calibrate },
    )
    return { runs: [report], findings: [] }
  },
}

export const PRESETS: Readonly<Record<string, Preset>> = { run: RUN }
