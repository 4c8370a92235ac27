import type { ProfileReport, StepReport } from '../../bench/index.ts'
import { styleFor } from '../style.ts'
import { significant, table } from '../table.ts'
import type { Place } from '../world.ts'

/** The report for people. */
export function profileTable(report: ProfileReport, world: Place): string {
  const style = styleFor(world.stdout, world.env)
  const { model, weights, kvType, backend, machine, ceilings, commit } = report
  const where = machine.gpu
    ? `${machine.gpu}, driver ${machine.driver ?? 'unknown'}`
    : `${machine.cpu}, ${machine.cores} cores`
  const lines = [
    `${style('bold', model)}  weights ${weights}, keys and values ${kvType}, ${backend}`,
    `${where}; Node.js ${machine.node}${commit ? `; ${commit}` : ''}`,
    ...(ceilings
      ? [
          `at best: ${Math.round(ceilings.gigabytesPerSecond)} GB/s read, ${significant(ceilings.teraflops)} TFLOP/s in bf16 products`,
        ]
      : []),
  ]
  return `${[...lines, ...report.steps.flatMap(step => ['', ...stepLines(step, world)])].join('\n')}\n`
}

function stepLines(step: StepReport, world: Place): readonly string[] {
  const style = styleFor(world.stdout, world.env)
  const header = ['operation', '', 'count', 'µs each', 'µs', 'of all', 'GB/s', 'TFLOP/s', 'of the most']
  const rows = step.groups.map(group => [
    group.name,
    group.detail,
    String(group.count),
    group.microsecondsEach.toFixed(2),
    group.microseconds.toFixed(1),
    `${(100 * group.share).toFixed(1)} %`,
    group.gigabytesPerSecond === null ? '' : significant(group.gigabytesPerSecond),
    group.teraflops === null ? '' : significant(group.teraflops),
    group.ofCeiling === null ? '' : `${(100 * group.ofCeiling).toFixed(1)} % ${group.bound}`,
  ])
  return [style('bold', step.test), ...table(header, rows, 'llrrrrrrr', world), '', ...sums(step)]
}

function sums(step: StepReport): readonly string[] {
  const { operations, sumMicroseconds, togetherMicroseconds, graphMicroseconds, markMicroseconds } = step
  const rows: (readonly [string, number | null, string])[] = [
    ['each alone', sumMicroseconds, `${operations.length} operations`],
    ['one behind the other', togetherMicroseconds, saved(sumMicroseconds, togetherMicroseconds, 'overlap')],
    ['as a graph', graphMicroseconds, saved(sumMicroseconds, graphMicroseconds, 'overlap and the graph')],
    ['in the loop', step.loopMicroseconds, 'the median, host and all'],
    ['of it, the host', step.hostMicroseconds, ''],
  ]
  const lines = rows
    .filter(([, microseconds]) => microseconds !== null)
    .map(([name, microseconds, note]) =>
      `  ${name.padEnd(22)} ${microseconds!.toFixed(1).padStart(12)} µs  ${note}`.trimEnd(),
    )
  if (markMicroseconds === null) return lines
  return [...lines, `  Medians. A mark between operations takes ${markMicroseconds.toFixed(2)} µs, which is left out.`]
}

function saved(from: number, to: number | null, by: string): string {
  if (to === null || from <= 0) return ''
  const share = 1 - to / from
  return `${(100 * Math.abs(share)).toFixed(1)} % ${share < 0 ? 'more, for all' : 'less, by'} ${by}`
}
