import { COMPARED_MEASURES } from './compared-measures.ts'
import type { MeasureComparison } from './comparison.ts'

/** What looks worse by so much that it must not be passed over, though chance may have made it; a sentence each. */
export function alarmsOf(measures: readonly MeasureComparison[], margin: number): readonly string[] {
  return measures.flatMap(measure => {
    if (measure.role !== 'warns' || measure.verdict !== 'inconclusive') return []
    const excess = measure.unit === 'share' ? excessPoints(measure, margin) : excessTimes(measure)
    return excess === undefined ? [] : [`${measure.name}: ${excess}, which may be chance: measure longer`]
  })
}

function excessPoints({ better, change }: MeasureComparison, margin: number): string | undefined {
  const worse = better === 'higher' ? -change : change
  return worse > margin ? `${(100 * worse).toFixed(1)} points worse` : undefined
}

function excessTimes({ name, change, value, baseline }: MeasureComparison): string | undefined {
  const { alarm, resolutionMs } = COMPARED_MEASURES.find(each => each.name === name) ?? {}
  if (alarm === undefined || resolutionMs === undefined) return undefined
  return change > alarm && value - baseline > resolutionMs ? `${change.toFixed(1)} times as great` : undefined
}
