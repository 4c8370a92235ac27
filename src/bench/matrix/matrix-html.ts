import { digest, Html, html } from '../../html/index.ts'
import { STYLE } from '../html/page/style.ts'
import { byEngine, cellName } from './cell.ts'
import type { CellFigures, CellResult } from './cell-result.ts'
import { columnsFor, remark, shown } from './matrix-columns.ts'
import type { MatrixSummary } from './matrix-summary.ts'

/** The summary as one page of tables that needs nothing but itself. */
export function matrixHtml(summary: MatrixSummary): string {
  const { cells, date, commit, machine, command, spec, missing } = summary
  const failed = cells.filter(cell => cell.failed !== null).length
  const policy = `default-src 'none'; style-src '${digest(STYLE)}'; img-src data:; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Matrix of ${spec.models.join(', ')}, ${date.slice(0, 10)}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<p class="kind">Matrix</p>
<h1>${spec.models.join(', ')}</h1>
<dl class="facts">
<dt>Date</dt><dd>${date}</dd>
<dt>Machine</dt><dd>${machine.gpu ?? `${machine.cpu}, ${machine.cores} cores`}${machine.driver !== null && `, driver ${machine.driver}`}; Node.js ${machine.node}</dd>
<dt>Commit</dt><dd>${commit ?? 'unknown'}</dd>
<dt>Command</dt><dd><code>${command}</code></dd>
<dt>Cells</dt><dd>${cells.length + missing}${missing > 0 && `, ${missing} of them not come to`}${failed > 0 && `, ${failed} failed`}</dd>
<dt>Each</dt><dd>${spec.steps} decode steps behind ${spec.warmUp} of warm-up, ${spec.repeats === 1 ? 'once' : `${spec.repeats} times`}</dd>
</dl>
${inDoubt(cells)}
${byEngine(cells.map(({ cell }) => cell)).map(group => engine(cells.filter(({ cell }) => group.includes(cell))))}
<h2>All cells</h2>
${allCells(cells)}
<h2>Definitions</h2>
<p>First token: ${
    spec.target === undefined && spec.serve === undefined
      ? 'from the submission of all prompts of a batch to the first token of the last of them'
      : 'the median TTFT of the requests, of which as many run at once as the batch says'
  }. Tokens per second: of the whole batch, decoding alone. GB/s: weights, keys and values, each read once a step; % of the most: of what was measured on this card before. J/token: by the card’s own counter, over the decode steps and further ones of up to half a second.</p>
</main>
</body>
</html>
`.markup
}

/** With the reasons, which in a table would be far to the right. */
function inDoubt(results: readonly CellResult[]): Html | undefined {
  const doubtful = results.filter(({ figures, invalid }) => figures === null || invalid !== null)
  if (doubtful.length === 0) return undefined
  const lines = doubtful.map(result => html`<li>${cellName(result.cell)}: ${remark(result) ?? ''}</li>\n`)
  return html`<section>
<h2>Not measured, or not valid</h2>
<ul class="findings">${lines}</ul>
</section>`
}

function engine(results: readonly CellResult[]): Html {
  const { model, gpus, quantize, gpuLayers } = results[0]!.cell
  const more = [
    ...(gpus > 1 ? [`${gpus} GPUs`] : []),
    ...(quantize === 'none' ? [] : [quantize]),
    ...(gpuLayers === 'all' ? [] : [`${gpuLayers} layers on the GPU`]),
  ]
  return html`<section>
<h2>${[model, ...more].join(', ')}</h2>
<p>Rows are batches, columns are prompts in tokens.</p>
<div class="grid">
<div><h3>First token, ms</h3>
${pivot(results, ({ firstTokenMs }) => firstTokenMs.toFixed(1))}</div>
<div><h3>Decoding, tok/s</h3>
${pivot(results, ({ decodeTokensPerSecond }) => decodeTokensPerSecond.toFixed(1))}</div>
</div>
</section>`
}

function pivot(results: readonly CellResult[], of: (figures: CellFigures) => string): Html {
  const batches = [...new Set(results.map(({ cell }) => cell.batch))]
  const prompts = [...new Set(results.map(({ cell }) => cell.promptLength))]
  const at = (batch: number, prompt: number) => {
    const figures = results.find(({ cell }) => cell.batch === batch && cell.promptLength === prompt)?.figures
    return figures ? of(figures) : '–'
  }
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">batch</th>${prompts.map(prompt => html`<th scope="col">${prompt}</th>`)}</tr></thead>
<tbody>
${batches.map(batch => html`<tr><th scope="row">${batch}</th>${prompts.map(prompt => html`<td>${at(batch, prompt)}</td>`)}</tr>\n`)}</tbody>
</table></div>`
}

function allCells(results: readonly CellResult[]): Html {
  const columns = columnsFor(results).filter(({ key }) => key !== 'remark')
  return html`<div class="scroll"><table>
<thead><tr>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${results.map(
  result =>
    html`<tr>${columns.map((column, i) => (i === 0 ? html`<th scope="row">${shown(column, result)}</th>` : html`<td>${shown(column, result)}</td>`))}</tr>\n`,
)}</tbody>
</table></div>`
}
