import { type Html, html } from '../../../html/index.ts'
import type { BenchReport, RunReport } from '../../report/bench-report.ts'
import { describeExtent, describeLoad, describeWork } from '../../report/describe-spec.ts'

/** Of what runs differ in. */
const MOST_LISTED = 3

/** What was measured, how, where and when. */
export function heading(report: BenchReport): Html {
  const { runs, machine, commit, command, date, kind } = report
  const distinct = (of: (run: RunReport) => string) => [...new Set(runs.map(of))]
  const rows: readonly (readonly [string, readonly (string | Html)[]])[] = [
    ['Target', distinct(({ spec }) => spec.target).map(target => html`<code>${target}</code>`)],
    ['Model', distinct(modelOf)],
    ['Load', distinct(({ spec }) => describeLoad(spec.load))],
    ['Work', distinct(({ spec }) => describeWork(spec.work))],
    [
      'Length',
      distinct(({ spec }) => `${describeExtent(spec.warmUp)} to warm up, then ${describeExtent(spec.measure)}`),
    ],
    [
      'Client on',
      [`${machine.cpu}, ${machine.cores} cores${machine.gpu ? `, ${machine.gpu}` : ''}; Node.js ${machine.node}`],
    ],
    ['Date', [`${date.slice(0, 16).replace('T', ' ')} UTC${commit ? `, commit ${commit}` : ''}`]],
    ['Command', [html`<code>${command}</code>`]],
  ]
  return html`<header>
<p class="kind">Warpline benchmark: ${kind}</p>
<h1>${titleOf(report)}</h1>
<dl class="facts">
${rows.map(([name, values]) => html`<dt>${name}</dt><dd>${listed(values)}</dd>\n`)}</dl>
</header>`
}

/** The models, or the targets where models have no names. */
export function titleOf({ runs }: BenchReport): string {
  const names = new Set(runs.map(({ info, spec }) => info.model || spec.target))
  return [...names].slice(0, 4).join(', ') || 'Nothing measured'
}

function modelOf({ info }: RunReport): string {
  const weights = ['none', 'unknown'].includes(info.weightType) ? '' : `, ${info.weightType} weights`
  return `${info.model} on ${info.backend}${weights}`
}

function listed(values: readonly (string | Html)[]): readonly Html[] {
  const shown = values.slice(0, MOST_LISTED).map((value, i) => html`${i > 0 && html`<br>`}${value}`)
  return values.length > MOST_LISTED ? [...shown, html`<br>and ${values.length - MOST_LISTED} more`] : shown
}
