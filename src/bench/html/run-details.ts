import { type Html, html } from '../../html/index.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { Figures } from './figures.ts'
import { keyFigures } from './sections/key-figures.ts'
import { percentileTable } from './sections/percentile-table.ts'
import { heatChart, timelineCharts } from './timeline-charts.ts'

/** More than these are chosen from a list. */
const MOST_BUTTONS = 8

/** Everything about each run by itself; of several, one is to be seen at a time. */
export function runDetails(runs: readonly RunReport[], figures: Figures): Html {
  return html`${runs.length > 1 && chooser(runs)}
${runs.map((run, i) => details(run, i, figures, runs.length > 1))}`
}

function chooser(runs: readonly RunReport[]): Html {
  const last = runs.length - 1
  if (runs.length > MOST_BUTTONS) {
    return html`<form id="chooser" class="chooser" hidden><select name="run" aria-label="Run" autocomplete="off">${runs.map(
      ({ label }, i) => html`<option value="${i}"${i === last && html` selected`}>${label}</option>`,
    )}</select></form>`
  }
  return html`<form id="chooser" class="chooser" hidden autocomplete="off">${runs.map(
    ({ label }, i) =>
      html`<label><input type="radio" name="run" value="${i}"${i === last && html` checked`}>${label}</label>`,
  )}</form>`
}

function details(run: RunReport, index: number, figures: Figures, named: boolean): Html {
  const together = `run-${index}`
  const charts = Object.entries(timelineCharts(run, together)).map(([caption, chart], i) =>
    figures.add(`timeline-${index}-${i}`, caption, chart),
  )
  const heat = figures.add(
    `gaps-${index}`,
    'Gaps between tokens',
    heatChart(run, together),
    'by time and length; a stall stands far above the rest',
  )
  return html`<section data-run="${index}">
${named && html`<h3>${run.label}${!run.verdict.valid && html` <span class="tag">INVALID</span>`}</h3>`}
${keyFigures(run)}
${percentileTable(run.measures)}
<div class="grid">
${charts.filter(chart => chart !== undefined)}</div>
${heat}
<details><summary>All settings</summary><pre tabindex="0">${JSON.stringify(run.spec, null, 2)}</pre></details>
</section>
`
}
