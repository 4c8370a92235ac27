import { InvalidRequestError } from '../../engine/index.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { SyntheticSpec } from '../work/synthetic-work.ts'
import type { Preset } from './preset.ts'
import { RunSeries } from './run-series.ts'
import { figure, milliseconds, percent } from './words.ts'

/** Of a prompt, what all share in the third run. */
const SHARED = 0.75
const WARM_UP = 3
const REQUESTS = 20

/**
 * What a known prefix is worth: prompts that nobody asked before; then such as were all asked just before, in the
 * warm-up; then new ones that begin alike. One at a time, so that nobody waits for another.
 */
export const CACHE: Preset = {
  name: 'cache',
  run: async (settings, tools) => {
    const { warmUp: _, measure = { requests: REQUESTS }, ...others } = settings
    if (others.work.kind !== 'synthetic')
      throw new InvalidRequestError('prompts of a file may be known already: cold ones are random', 'work')
    if (!('requests' in measure))
      throw new InvalidRequestError('give a number of requests, not a time: so many are asked again', 'measure')
    const { requests } = measure
    const series = new RunSeries(others, tools)
    const one = (name: string, warmUp: number, change: Partial<SyntheticSpec>) =>
      series.run({
        load: { kind: 'closed', concurrency: 1 },
        warmUp: { requests: warmUp },
        measure,
        work: { ...(series.freshWork() as SyntheticSpec), ...change },
        label: name,
        parameters: { prompts: name },
      })
    const cold = await one('cold', WARM_UP, { sharedPrefix: 0 })
    const warm = cold && (await one('warm', requests, { sharedPrefix: 0, distinct: requests }))
    const alike = warm && (await one('shared prefix', WARM_UP, { sharedPrefix: sharedOf(others.work) }))
    for (const report of [cold, warm, alike]) if (report) series.find(line(report, cold))
    return series.result()
  },
}

function sharedOf({ sharedPrefix, prompt }: SyntheticSpec): number {
  if (sharedPrefix !== undefined) return sharedPrefix
  const length = prompt.kind === 'fixed' ? prompt.tokens : prompt.kind === 'uniform' ? prompt.min : prompt.mean
  return Math.floor(length * SHARED)
}

function line({ label, measures: { ttft, tokens } }: RunReport, cold: RunReport | undefined): string {
  if (ttft.count === 0) return `${label}: no request was answered`
  const cached = tokens.prompt === 0 ? 0 : tokens.cached / tokens.prompt
  const before = label === 'cold' ? undefined : cold?.measures.ttft
  const speedUp = before && before.count > 0 ? `, ${figure(before.mean.value / ttft.mean.value)} × as fast` : ''
  return `${label}: TTFT ${milliseconds(ttft.mean.value)}${speedUp}, ${percent(cached)} of the prompts' tokens were cached`
}
