import { InvalidRequestError } from '../../engine/index.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { WorkSpec } from '../work/work.ts'
import type { Preset } from './preset.ts'
import type { OneRun } from './run-series.ts'
import { RunSeries } from './run-series.ts'
import { figure, milliseconds, percent } from './words.ts'

/** Of a prompt, what all share in the third run. */
const SHARED = 0.75

const ALONE: Pick<OneRun, 'load' | 'warmUp' | 'measure'> = {
  load: { kind: 'closed', concurrency: 1 },
  warmUp: { requests: 3 },
  measure: { requests: 20 },
}

/**
 * What a known prefix is worth: prompts that nobody asked before, then the same again, then new ones that begin alike.
 * By requests, so that the second run asks nothing that the first did not.
 */
export const CACHE: Preset = {
  name: 'cache',
  run: async (settings, tools) => {
    const { work, measure } = settings
    if (work.kind !== 'synthetic')
      throw new InvalidRequestError('prompts of a file may be known already: cold ones are random', 'work')
    if (measure && !('requests' in measure))
      throw new InvalidRequestError('give a number of requests: the same ones are asked twice', 'measure')
    const series = new RunSeries(settings, tools)
    const cold = series.freshWork()
    const one = async (name: string, work: WorkSpec) =>
      await series.run({ ...ALONE, work, label: name, parameters: { prompts: name } })
    const first = await one('cold', cold)
    const again = first && (await one('warm', cold))
    const prefix = again && (await one('shared prefix', sharing(series.freshWork())))
    if (first) series.find(line('cold', first))
    if (first && again) series.find(line('warm', again, first))
    if (first && prefix) series.find(line('shared prefix', prefix, first))
    return series.result()
  },
}

function sharing(work: WorkSpec): WorkSpec {
  if (work.kind !== 'synthetic' || work.sharedPrefix !== undefined) return work
  const { prompt } = work
  const length = prompt.kind === 'fixed' ? prompt.tokens : prompt.kind === 'uniform' ? prompt.min : prompt.mean
  return { ...work, sharedPrefix: Math.floor(length * SHARED) }
}

function line(name: string, { measures: { ttft, tokens } }: RunReport, cold?: RunReport): string {
  if (ttft.count === 0) return `${name}: no request was answered`
  const cached = tokens.prompt === 0 ? 0 : tokens.cached / tokens.prompt
  const speedUp =
    cold && cold.measures.ttft.count > 0 ? `, ${figure(cold.measures.ttft.mean.value / ttft.mean.value)} × as fast` : ''
  return `${name}: TTFT ${milliseconds(ttft.mean.value)}${speedUp}, ${percent(cached)} of prompt tokens cached`
}
