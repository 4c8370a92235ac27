import { type BenchReport, describeExtent, describeLoad, describeWork, type RunReport } from '../../bench/index.ts'
import { styleFor } from '../style.ts'
import type { Place } from '../world.ts'
import { latencyTable } from './latency-table.ts'
import { outcomeLines } from './outcome.ts'
import { phaseLines } from './phase-lines.ts'
import { runsTable } from './runs-table.ts'

/** A report for people: of one run all there is, of several a line each. */
export function summary(report: BenchReport, place: Place): string {
  const [first] = report.runs
  if (first === undefined) return 'nothing was measured\n'
  const blocks =
    report.runs.length === 1
      ? [
          heading(report, first, place),
          verdictLines(first, place),
          latencyTable(first, place),
          outcomeLines(first),
          phaseLines(first, place),
          clientLines(first),
        ]
      : [heading(report, first, place), runsTable(report.runs, place), complaints(report.runs, place)]
  const lines = [...blocks, report.findings].filter(block => block.length > 0).map(block => block.join('\n'))
  return `${lines.join('\n\n')}\n`
}

function heading(report: BenchReport, { spec, info }: RunReport, place: Place): string[] {
  const { machine, commit, runs } = report
  const targets = [...new Set(runs.map(run => run.spec.target))]
  const loads = [...new Set(runs.map(run => describeLoad(run.spec.load)))]
  const weights = info.weightType === 'none' || info.weightType === 'unknown' ? '' : `, ${info.weightType} weights`
  const load =
    loads.length === 1
      ? `${loads[0]}; ${describeExtent(spec.warmUp)} to warm up, ${describeExtent(spec.measure)} measured`
      : `${loads.length} loads`
  return [
    `${styleFor(place.stdout, place.env)('bold', targets.join(', '))}  ${info.model} (${info.backend}${weights})`,
    `${load}; ${describeWork(spec.work)}; seed ${spec.seed}`,
    `measured from: ${machine.cpu}, ${machine.cores} core${machine.cores === 1 ? '' : 's'}; Node.js ${machine.node}${commit ? `; ${commit}` : ''}`,
  ]
}

function verdictLines({ verdict, cutShort }: RunReport, place: Place): string[] {
  const style = styleFor(place.stdout, place.env)
  const word = verdict.valid ? style('green', 'VALID') : style('red', 'INVALID')
  const says = verdict.valid ? 'the figures are the target’s' : 'the figures are not the target’s'
  return [
    `${word}  ${says}`,
    ...verdict.reasons.map(reason => `  ${reason}`),
    ...(cutShort === null ? [] : [`  ${style('yellow', 'cut short')}: ${cutShort}`]),
  ]
}

/** Of several runs, the first thing that is not as it should be with each. */
function complaints(runs: readonly RunReport[], place: Place): string[] {
  const style = styleFor(place.stdout, place.env)
  return runs.flatMap(({ label, verdict, cutShort }) => [
    ...(verdict.valid ? [] : [`${style('red', 'INVALID')}  ${label}: ${verdict.reasons[0] ?? ''}`]),
    ...(cutShort === null ? [] : [`${style('yellow', 'cut short')}  ${label}: ${cutShort}`]),
  ])
}

/** How the client fared, and what it would measure of a server that answers at once. */
function clientLines({ client, calibration, spec }: RunReport): string[] {
  const { sendLag, loopLag } = client
  const sent = spec.load.kind === 'closed' ? [] : [`sent ${ms(sendLag.p50)} late (p99 ${ms(sendLag.p99)})`]
  const lines = [
    `client      ${[
      `${client.processes} process${client.processes === 1 ? '' : 'es'}`,
      `${Math.round(client.cpu * 100)} % of a core`,
      ...sent,
      `timers ${ms(loopLag.p99)} late (p99)`,
      `longest garbage collection ${ms(client.longestGcMs)}`,
      ...(client.unsent > 0 ? [`${client.unsent} not sent`] : []),
    ].join(', ')}`,
  ]
  if (calibration) {
    const itl = calibration.itl ? `, ITL ${ms(calibration.itl.p50)} (p99 ${ms(calibration.itl.p99)})` : ''
    lines.push(
      `at best     TTFT ${ms(calibration.ttft.p50)} (p99 ${ms(calibration.ttft.p99)})${itl}: this client, of a server that answers at once`,
    )
  }
  return lines
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)} ms`
}
