import { type BenchReport, commit, describeMachine, type PresetTools, type RunReport } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { howToSend } from './how-to-send.ts'
import { LiveDisplay } from './live.ts'
import { PRESETS } from './presets-here.ts'
import { Results } from './results.ts'
import { refuseContradictions, settingsOf } from './settings.ts'

/** Measures `targets` under load as a preset says, and leaves its report. What was measured is told whatever happens. */
export async function underLoad(
  name: string,
  targets: readonly string[],
  config: Config,
  world: World,
): Promise<{ readonly code: ExitCode; readonly report: BenchReport }> {
  refuseContradictions(config)
  const results = await Results.open(config, world)
  const settings = settingsOf(config, targets, await howToSend(targets[0], config, world))
  using display = new LiveDisplay(world.stderr)
  const stop = stopper(world, display)
  const runs: RunReport[] = []
  const measure: PresetTools['measure'] = async (spec, options) => {
    display.begin(options.label ?? spec.target)
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
    const measured = await world.measureRun(spec, { ...options, signal, onProgress: display.update })
    runs.push(measured.report)
    await results.keep(measured.records)
    return measured
  }
  const startedAt = new Date()
  const tell = async (report: BenchReport) => {
    display[Symbol.dispose]()
    await write(world.stdout, await results.write(report))
    return report
  }
  try {
    const { runs: all, findings } = await PRESETS[name]!.run(settings, { measure, signal: stop.signal })
    const report = await tell(reportOf(name, startedAt, all, findings))
    return { report, code: stop.code ?? exitCodeFor(report) }
  } catch (error) {
    if (runs.length === 0 && stop.code === undefined) throw error
    const report = await tell(reportOf(name, startedAt, runs, []))
    if (stop.code === undefined) throw error
    return { report, code: stop.code }
  } finally {
    stop.restore()
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

/** Ctrl-C once: what was measured is kept. Twice: the end. */
function stopper(world: World, display: LiveDisplay) {
  const controller = new AbortController()
  let code: ExitCode | undefined
  const restore = world.onSignal(signal => {
    const meant = signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
    if (code !== undefined) return world.exit(meant)
    code = meant
    display.say('stopping: what was measured is kept; once more ends at once')
    controller.abort()
  })
  return {
    signal: controller.signal,
    get code() {
      return code
    },
    restore,
  }
}

/** Zero only where every run has figures and they are the target's. */
function exitCodeFor({ runs }: BenchReport): ExitCode {
  const isGood = ({ verdict, cutShort, measures }: RunReport) =>
    verdict.valid && cutShort === null && measures.requests.ok > 0
  return runs.length > 0 && runs.every(isGood) ? EXIT.ok : EXIT.failure
}
