import type { Preset } from './preset.ts'
import { RunSeries } from './run-series.ts'
import { milliseconds } from './words.ts'

/** One request at a time: what a target can do at best. As `--iters 20` of older programs. */
export const LATENCY: Preset = {
  name: 'latency',
  run: async (settings, tools) => {
    const series = new RunSeries(settings, tools)
    const report = await series.run({
      load: { kind: 'closed', concurrency: 1 },
      warmUp: { requests: 3 },
      measure: { requests: 20 },
    })
    if (report) {
      const { ttft, tpot, e2e } = report.measures
      if (e2e.count > 0) {
        const each = tpot.count > 0 ? `, ${milliseconds(tpot.mean.value)} for each token more` : ''
        series.find(
          `alone, a request waits ${milliseconds(ttft.mean.value)} for its first token${each}, ${milliseconds(e2e.mean.value)} in all (means of ${e2e.count})`,
        )
      }
    }
    return series.result()
  },
}
