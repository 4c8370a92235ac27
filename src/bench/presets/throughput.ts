import type { RunReport } from '../report/bench-report.ts'
import type { Preset } from './preset.ts'
import { RunSeries } from './run-series.ts'
import { figure } from './words.ts'

/** More than most servers run at once. */
const CONCURRENCY = 64
/** A target that says it takes more is not believed. */
const MOST_BELIEVED = 1024
const EXTENTS = { warmUp: { seconds: 5 }, measure: { seconds: 20 } }

/** As many requests at a time as the target takes: 64, and where it tells that it takes more, so many. */
export const THROUGHPUT: Preset = {
  name: 'throughput',
  run: async (settings, tools) => {
    const series = new RunSeries(settings, tools)
    const chosen = settings.loads.filter(load => load.kind === 'closed')
    let last: RunReport | undefined
    for (const load of chosen.length > 0 ? chosen : [{ kind: 'closed', concurrency: CONCURRENCY } as const])
      last = await series.run({ load, ...EXTENTS, calibrate: true })
    const most = last?.info.maxSequences ?? 0
    if (chosen.length === 0 && most > CONCURRENCY && most <= MOST_BELIEVED)
      await series.run({ load: { kind: 'closed', concurrency: most }, ...EXTENTS, calibrate: true })
    const best = greatest(series.runs)
    if (best) {
      const { tokens, requests } = best.measures
      series.find(
        `at most ${figure(tokens.outputPerSecond.value)} output tokens/s and ${figure(requests.perSecond.value)} requests/s (${best.label})`,
      )
    }
    return series.result()
  },
}

function greatest(runs: readonly RunReport[]): RunReport | undefined {
  const speed = ({ measures }: RunReport) => measures.tokens.outputPerSecond.value
  return runs.reduce<RunReport | undefined>((best, run) => (best && speed(best) >= speed(run) ? best : run), undefined)
}
