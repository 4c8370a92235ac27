import type { Comparison, ComparisonVerdict, MeasureComparison, RunComparison } from '../../bench/index.ts'
import { type Format, styleFor } from '../style.ts'
import { significant, table } from '../table.ts'
import type { Place } from '../world.ts'

const COLOURS: Readonly<Record<ComparisonVerdict, Format>> = {
  same: 'green',
  better: 'green',
  worse: 'red',
  inconclusive: 'yellow',
}

/** A comparison for people: its verdict, and for each run what each measure was and is. */
export function comparisonTable(comparison: Comparison, place: Place): string {
  const { verdict, reasons, margin, sides, runs } = comparison
  const style = styleFor(place.stdout, place.env)
  const within = `${(100 * margin).toPrecision(2).replace(/\.0$/, '')} %`
  const blocks = [
    [
      ...sides.map(({ target, model, date, commit, reports }, i) => {
        const rest = [model, date.slice(0, 16).replace('T', ' '), commit, reports > 1 ? `${reports} reports` : null]
        return `${i === 0 ? 'baseline' : `side ${i + 1}`.padEnd(8)}  ${style('bold', target)}  ${rest.filter(Boolean).join(', ')}`
      }),
    ],
    ...runs.map(run => runLines(run, sides.length > 2, place)),
    [
      `${style(COLOURS[verdict], verdict.toUpperCase())}  ${MEANINGS[verdict](within)}`,
      ...reasons.map(reason => `  ${reason}`),
    ],
  ]
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`
}

const MEANINGS: Readonly<Record<ComparisonVerdict, (within: string) => string>> = {
  same: within => `every measure that decides is within ${within}`,
  better: () => 'nothing is worse, and something is better',
  worse: within => `something is worse, for sure, and by more than ${within}`,
  inconclusive: () => 'what was measured does not tell: measure longer, or give several reports of a side',
}

function runLines(run: RunComparison, namesSide: boolean, place: Place): string[] {
  const style = styleFor(place.stdout, place.env)
  const { label, side, repeats, paired, verdict, reasons, measures } = run
  const times = paired ? `${repeats[0]} pairs` : `${repeats[0]} against ${repeats[1]}`
  // Runs that took turns have a label each.
  const title = `${paired ? 'in turns' : label}${namesSide ? ` (side ${side + 1})` : ''}${repeats[0] + repeats[1] > 2 ? `, ${times}` : ''}`
  const header = ['', 'before', 'after', '', 'change', '95 % interval', 'effect', '']
  return [
    `${style('bold', title)}: ${style(COLOURS[verdict], verdict)}`,
    ...table(header, measures.map(cellsOf), 'lrrlrrrl', place),
    ...reasons.map(reason => `  ${reason}`),
  ]
}

function cellsOf(measure: MeasureComparison): string[] {
  const { name, unit, role, baseline, value, change, low, high, effect, verdict } = measure
  const isShare = unit === 'share'
  const shown = (figure: number) => (isShare ? (100 * figure).toFixed(1) : significant(figure))
  const asChange = (ratio: number) => {
    const percent = 100 * (isShare ? ratio : ratio - 1)
    const digits = Math.abs(percent).toFixed(1)
    return `${percent < 0 && digits !== '0.0' ? '−' : '+'}${digits}`
  }
  return [
    name,
    shown(baseline),
    shown(value),
    isShare ? '%' : unit,
    `${asChange(change)} %`,
    low === null || high === null ? '' : `${asChange(low)} … ${asChange(high)}`,
    effect === null ? '' : effect.toFixed(2).replace('-', '−'),
    role === 'shown' ? '' : verdict,
  ]
}
