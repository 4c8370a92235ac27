import {
  type BenchReport,
  commit,
  describeMachine,
  type Preset,
  type PresetSettings,
  type PresetTools,
  type RunReport,
} from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { howToSend } from './how-to-send.ts'
import { LiveDisplay } from './live.ts'
import { refuseContradictions } from './refuse-contradictions.ts'
import { Results } from './results.ts'
import { settingsOf } from './settings.ts'
import { stopper } from './stopper.ts'

/** Puts load on targets as a preset says, and leaves its report. What was measured is told whatever happens. */
export async function underLoad(
  preset: Preset,
  chosen: Pick<PresetSettings, 'targets' | 'sizes'>,
  config: Config,
  world: World,
): Promise<{ readonly code: ExitCode; readonly report: BenchReport }> {
  refuseContradictions(config)
  const results = await Results.open(config, world)
  const as = await howToSend(chosen.targets, config, world)
  const settings = { ...settingsOf(config, as), ...chosen }
  using display = new LiveDisplay(world.stderr)
  using stop = stopper(world, display.say)
  const runs: RunReport[] = []
  const measure: PresetTools['measure'] = async (spec, options) => {
    const isRemote = /^https?:/.test(spec.target)
    const doing = isRemote && options.calibrate !== false ? 'measuring the client first' : 'opening'
    display.begin(options.label ?? spec.target, doing)
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
    const measured = await world.measureRun(spec, { ...options, signal, onProgress: display.update })
    runs.push(measured.report)
    await results.keep(measured)
    return measured
  }
  const startedAt = new Date()
  const tell = async (report: BenchReport) => {
    display[Symbol.dispose]()
    // What was measured another time stays where nothing was this time.
    if (report.runs.length > 0) await write(world.stdout, await results.write(report))
    return report
  }
  try {
    const { runs: all, findings } = await preset.run(settings, { measure, signal: stop.signal })
    const report = await tell(reportOf(preset.name, startedAt, all, findings))
    return { report, code: stop.code ?? exitCodeFor(report) }
  } catch (error) {
    if (runs.length === 0 && stop.code === undefined) throw error
    const report = await tell(reportOf(preset.name, startedAt, runs, []))
    if (stop.code === undefined) throw error
    return { report, code: stop.code }
  }
}

function reportOf(kind: string, startedAt: Date, runs: BenchReport['runs'], findings: readonly string[]): BenchReport {
  const card = runs.find(({ gpu }) => gpu !== null)?.gpu?.cards[0]
  return {
    schema: 'warpline-bench/1',
    kind,
    command: `warpline ${process.argv.slice(2).join(' ')}`.replace(/(:\/\/)[^/@\s]*@/g, '$1'),
    date: startedAt.toISOString(),
    commit: commit(),
    machine: describeMachine(card),
    runs,
    findings,
  }
}

/** Zero only where every run that says something has figures and they are the target's. */
function exitCodeFor({ runs: all }: BenchReport): ExitCode {
  const runs = all.filter(({ probe }) => probe === undefined)
  const isGood = ({ verdict, cutShort, measures }: RunReport) =>
    verdict.valid && cutShort === null && measures.requests.ok > 0
  return runs.length > 0 && runs.every(isGood) ? EXIT.ok : EXIT.failure
}
