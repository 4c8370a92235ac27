import { digest, Html, html } from '../../html/index.ts'
import type { BenchReport } from '../report/bench-report.ts'
import { curveChart } from './curve-charts.ts'
import { distributionChart } from './distribution-charts.ts'
import { Figures } from './figures.ts'
import { CHART_SCRIPT } from './page/chart-script.ts'
import { FORMAT_SCRIPT } from './page/format-script.ts'
import { PAGE_SCRIPT } from './page/page-script.ts'
import { STYLE } from './page/style.ts'
import { THEME_SCRIPT } from './page/theme-script.ts'
import { runDetails } from './run-details.ts'
import { calibrationTable, clientTable } from './sections/client-table.ts'
import { definitions } from './sections/definitions.ts'
import { errorTable } from './sections/error-table.ts'
import { describeObjectives, goodputBars } from './sections/goodput-bars.ts'
import { gpuTable } from './sections/gpu-table.ts'
import { heading, titleOf } from './sections/heading.ts'
import { phaseBars } from './sections/phase-bars.ts'
import { runsTable } from './sections/runs-table.ts'
import { invalidStrip, verdict } from './sections/verdict.ts'
import { sweepAxis } from './sweep-axis.ts'
import { uplotSource } from './uplot-source.ts'

const SCRIPT = FORMAT_SCRIPT + THEME_SCRIPT + CHART_SCRIPT + PAGE_SCRIPT

/** A report as one page that needs nothing but itself: no network, no other file. */
export function toHtml(report: BenchReport): string {
  const uplot = uplotSource()
  const figures = new Figures()
  const body = bodyOf(report, figures, uplot.licence)
  const isInvalid = report.runs.some(run => !run.verdict.valid)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy([uplot.script, SCRIPT], [uplot.style, STYLE])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${isInvalid && 'INVALID: '}${titleOf(report)}, benchmark of ${report.date.slice(0, 10)}</title>
<link rel="icon" href="data:,">
<style>${new Html(uplot.style)}</style>
<style>${new Html(STYLE)}</style>
</head>
<body>
${body}
<noscript><p class="soft">Charts are drawn by a script, and scripts are off.</p></noscript>
<script type="application/json" id="charts">${new Html(figures.json)}</script>
<script>${new Html(uplot.script)}</script>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.markup
}

/** Nothing runs, and nothing is fetched, but what the page itself holds. */
function policy(scripts: readonly string[], styles: readonly string[]): string {
  const sources = (texts: readonly string[]) => texts.map(text => `'${digest(text)}'`).join(' ')
  return [
    "default-src 'none'",
    `script-src ${sources(scripts)}`,
    `style-src ${sources(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function bodyOf(report: BenchReport, figures: Figures, licence: string): Html {
  const { runs, findings } = report
  const details =
    runs.length > 0 &&
    html`<section>
<h2>${runs.length > 1 ? 'Run by run' : 'Figures'}</h2>
${runDetails(runs, figures)}</section>`
  return html`${invalidStrip(report)}<main>
${heading(report)}
${verdict(report)}
${findings.length > 0 && section('Findings', undefined, html`<ul class="findings">${findings.map(line => html`<li>${line}</li>\n`)}</ul>`)}
${runs.length === 1 && details}
${runs.length > 1 && section('Runs', undefined, runsTable(runs))}
${curves(report, figures)}
${distributions(report, figures)}
${runs.length > 1 && details}
${section('Where the first token’s time went', 'Means, by the target’s own clock joined to the client’s, request by request.', phaseBars(runs))}
${section('Goodput', objectivesOf(report), goodputBars(runs))}
${section('GPU', 'Of all cards together, over the measured part.', gpuTable(runs))}
${section('Errors', undefined, errorTable(runs))}
${runs.length > 0 && section('The client', 'Whether what was measured is the target’s or the client’s own.', clientTable(runs))}
${section('Calibration', 'The same client against a server that does nothing: the most that it reaches, and what it adds to a known pace.', calibrationTable(runs))}
${section('Definitions', undefined, definitions())}
<footer>${report.schema}. Drag over a chart to zoom, double-click to go back; click a name in a legend to hide its line. <details><summary>Charts are drawn by uPlot: its licence</summary><pre>${licence}</pre></details></footer>
</main>`
}

function section(title: string, note: string | undefined, content: Html | undefined): Html | undefined {
  if (content === undefined) return undefined
  return html`<section>
<h2>${title}</h2>
${note !== undefined && html`<p>${note}</p>`}
${content}
</section>`
}

function curves({ runs }: BenchReport, figures: Figures): Html | undefined {
  const ttft = figures.add('curve-ttft', 'TTFT', curveChart('ttft', 'TTFT', runs), 'over output tokens per second')
  const tpot = figures.add('curve-tpot', 'TPOT', curveChart('tpot', 'TPOT', runs), 'over output tokens per second')
  if (ttft === undefined && tpot === undefined) return undefined
  const note = `A point for each run, with its ${sweepAxis(runs)}: the further right and the lower, the better.`
  return section('Latency against throughput', note, html`<div class="grid">${ttft}${tpot}</div>`)
}

function distributions({ runs }: BenchReport, figures: Figures): Html | undefined {
  const charts = [
    figures.add('share-ttft', 'TTFT', distributionChart('ttft', runs)),
    figures.add('share-tpot', 'TPOT', distributionChart('tpot', runs)),
    figures.add('share-itl', 'ITL', distributionChart('itl', runs)),
    figures.add('share-e2e', 'E2E latency', distributionChart('e2e', runs)),
  ]
  if (charts.every(chart => chart === undefined)) return undefined
  const note = 'How large a share stayed below a latency: the further left and the steeper, the better.'
  return section('Latency distributions', note, html`<div class="grid">${charts}</div>`)
}

function objectivesOf({ runs }: BenchReport): string {
  const objectives = runs.find(({ measures }) => measures.goodput !== null)?.measures.goodput?.objectives ?? []
  return `The share of offered requests that kept ${describeObjectives(objectives)}.`
}
