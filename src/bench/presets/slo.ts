import { InvalidRequestError } from '../../engine/index.ts'
import type { OpenLoad } from '../load/load.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { Extent } from '../run/run.ts'
import { backlogGrows } from '../search/saturation.ts'
import { nextProbe, type Probe } from '../search/slo-search.ts'
import type { Preset, PresetSettings } from './preset.ts'
import { RunSeries } from './run-series.ts'
import { figure, percent } from './words.ts'

/** As DistServe counts (Zhong et al., OSDI 2024): a load holds where nine of ten requests are good. */
const SHARE = 0.9
/** Users of the run that tells about what the target can do at all. */
const ESTIMATE_CONCURRENCY = 64
/** Of what it can do: where the search begins. */
const BEGIN_AT = 0.75
const LONG_SECONDS = 20
const SHORT_SECONDS = 5
/** A share of fewer tells little. */
const FEWEST_REQUESTS = 40
/** A probe waits so many answers' time until the target is busy as it will be… */
const WARM_ANSWERS = 2
/** …and at most so long, in s. */
const LONGEST_WARM_UP = 10

/** Searches for the greatest rate at which enough of the requests keep all objectives: the greatest goodput. */
export const SLO: Preset = {
  name: 'slo',
  run: async (settings, tools) => {
    if (settings.objectives.length === 0)
      throw new InvalidRequestError('name what a request must keep, e.g. "ttft<200ms,itl<30ms"', 'slo')
    const { share = SHARE, measure = { seconds: LONG_SECONDS }, ...others } = settings
    const series = new RunSeries(others, tools)
    const begin = await beginning(settings, series)
    if (begin === undefined) return series.result()

    const probes: Probe[] = []
    for (;;) {
      const next = nextProbe(probes, { start: begin.rate })
      if (next.kind === 'done') {
        findings(series, settings, share, next.rate, next.above)
        break
      }
      const { rate, long } = next
      const report = await series.run({
        load: { ...begin.load, rate },
        label: `${figure(rate)} requests/s${long ? ', confirmed' : ''}`,
        warmUp: { seconds: begin.warmUp },
        measure: extentOf(measure, rate, long),
        calibrate: long,
        probe: !long,
      })
      if (report === undefined) {
        series.find('the search was ended before it had an answer')
        break
      }
      probes.push({ rate, long, holds: holds(report, share) })
    }
    return series.result()
  },
}

/** Of a load that was chosen, its own rate; else what users who wait for each other get. */
async function beginning({ loads }: PresetSettings, series: RunSeries) {
  const [chosen] = loads
  const concurrency = chosen?.kind === 'closed' ? chosen.concurrency : ESTIMATE_CONCURRENCY
  const load: OpenLoad = chosen?.kind === 'open' ? chosen : { kind: 'open', rate: 1, arrivals: 'poisson' }
  if (chosen?.kind === 'open') return { load, rate: chosen.rate, warmUp: 3 }
  const estimate = await series.run({
    load: { kind: 'closed', concurrency },
    warmUp: { seconds: 2 },
    measure: { seconds: SHORT_SECONDS },
    probe: true,
  })
  if (estimate === undefined) return undefined
  const { requests, e2e } = estimate.measures
  if (requests.ok === 0) {
    series.find('no request was answered: there is nothing to search')
    return undefined
  }
  const warmUp = Math.max(1, Math.min(LONGEST_WARM_UP, (WARM_ANSWERS * e2e.mean.value) / 1000))
  return { load, rate: Number((requests.perSecond.value * BEGIN_AT).toPrecision(3)), warmUp }
}

/** A short probe is a quarter of a long one, and no shorter than it takes to say something of a share. */
function extentOf(whole: Extent, rate: number, long: boolean): Extent {
  if ('requests' in whole) return { requests: Math.max(FEWEST_REQUESTS, long ? whole.requests : whole.requests >> 2) }
  const seconds = long ? whole.seconds : Math.min(SHORT_SECONDS, whole.seconds / 4)
  return { seconds: Math.max(seconds, Math.min(whole.seconds, FEWEST_REQUESTS / rate)) }
}

function holds({ measures, samples }: RunReport, share: number): boolean {
  return (measures.goodput?.share ?? 0) >= share && !backlogGrows(samples)
}

function findings(
  series: RunSeries,
  { objectives }: PresetSettings,
  share: number,
  rate: number | null,
  above: number | null,
): void {
  const bound = objectives.map(({ measure, belowMs }) => `${measure} < ${figure(belowMs)} ms`).join(' and ')
  const asked = `${percent(share)} of the requests keep ${bound}`
  const report = series.runs.findLast(
    ({ spec: { load }, probe }) => load.kind === 'open' && load.rate === rate && probe === undefined,
  )
  if (rate === null || report === undefined) {
    series.find(`no rate was found at which ${asked}${above === null ? '' : `: not even ${figure(above)} requests/s`}`)
    return
  }
  const { goodput, requests } = report.measures
  series.find(
    `the greatest rate at which ${asked} is ${figure(rate)} requests/s: a goodput of ${figure(goodput!.perSecond)} requests/s, ${percent(goodput!.share)} of those offered, ${requests.failed} failed`,
  )
  if (above === null) series.find('no rate was found that is too much')
  else series.find(`${figure(above)} requests/s is too much: ${whyNot(series.runs, above, share)}`)
}

function whyNot(runs: readonly RunReport[], rate: number, share: number): string {
  const report = runs.findLast(({ spec: { load } }) => load.kind === 'open' && load.rate === rate)
  const { goodput, requests } = report!.measures
  const failed = requests.failed > 0 ? `, ${requests.failed} of ${requests.offered} failed` : ''
  const kept = goodput?.share ?? 0
  const doubt = report!.verdict.valid ? '' : ' (an invalid run: it may be the client that was too slow)'
  return kept < share ? `${percent(kept)} keep it${failed}${doubt}` : `requests wait longer and longer${failed}${doubt}`
}
