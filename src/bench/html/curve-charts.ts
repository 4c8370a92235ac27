import type { Distribution } from '../measures/measures.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { CurveChart } from './chart.ts'
import { curveOf, sweepAxis } from './sweep-axis.ts'

/** A latency over what a run put out, joined along the sweep; undefined where nothing was swept. */
export function curveChart(
  measure: 'ttft' | 'tpot',
  label: string,
  runs: readonly RunReport[],
): CurveChart | undefined {
  const axis = sweepAxis(runs)
  const told = runs.filter(({ measures }) => measures[measure].p50 !== null && outputOf(measures) > 0)
  if (axis === undefined || told.length < 2) return undefined
  const points = [...told].sort((a, b) => outputOf(a.measures) - outputOf(b.measures))
  const groups = new Map<string, RunReport[]>()
  for (const run of told) groups.set(curveOf(run, told), [...(groups.get(curveOf(run, told)) ?? []), run])
  return {
    kind: 'curve',
    x: { label: 'Output', unit: 'tok/s' },
    y: { label, unit: 'ms', log: true },
    points: points.map(run => ({ x: outputOf(run.measures), label: pointLabel(run, axis) })),
    curves: [...groups].flatMap(([name, group], i) =>
      (['p50', 'p99'] as const).flatMap(percentile => {
        const members = group.filter(({ measures }) => measures[measure][percentile] !== null)
        if (members.length === 0) return []
        return [
          {
            name: name === '' ? percentile : `${name} ${percentile}`,
            colour: { kind: groups.size === 1 && percentile === 'p99' ? 1 : i },
            dashed: percentile === 'p99',
            labelled: percentile === 'p50',
            values: points.map(run => (members.includes(run) ? percentileOf(run.measures[measure], percentile) : null)),
            order: inOrder(members, axis).map(run => points.indexOf(run)),
          },
        ]
      }),
    ),
  }
}

function outputOf(measures: RunReport['measures']): number {
  return measures.tokens.outputPerSecond.value
}

function percentileOf(distribution: Distribution, percentile: 'p50' | 'p99'): number | null {
  return distribution[percentile]?.value ?? null
}

function pointLabel({ parameters, verdict }: RunReport, axis: string): string {
  return `${parameters[axis]}${verdict.valid ? '' : ' INVALID'}`
}

function inOrder(runs: readonly RunReport[], axis: string): readonly RunReport[] {
  return [...runs].sort((a, b) => Number(a.parameters[axis]) - Number(b.parameters[axis]))
}
