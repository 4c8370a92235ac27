import { type Html, html } from '../../../html/index.ts'
import type { Distribution, Estimate, Measures } from '../../measures/measures.ts'
import { interval, NOTHING, number, whole } from '../numbers.ts'

const ROWS: readonly (readonly [string, (measures: Measures) => Distribution])[] = [
  ['TTFT', ({ ttft }) => ttft],
  ['TTFT from sending', ({ ttftFromSent }) => ttftFromSent],
  ['TPOT', ({ tpot }) => tpot],
  ['ITL', ({ itl }) => itl],
  ['Largest gap', ({ largestGap }) => largestGap],
  ['E2E latency', ({ e2e }) => e2e],
  ['Client queue', ({ clientQueue }) => clientQueue],
]

/** All latencies of a run, each figure with its interval. */
export function percentileTable(measures: Measures): Html {
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">Latency in ms</th>${['mean', 'p50', 'p90', 'p95', 'p99', 'max', 'deviation', 'samples'].map(
    name => html`<th scope="col">${name}</th>`,
  )}</tr></thead>
<tbody>
${ROWS.map(([name, of]) => rowOf(name, of(measures)))}</tbody>
</table></div>`
}

function rowOf(name: string, { count, mean, deviation, max, p50, p90, p95, p99 }: Distribution): Html {
  const isEmpty = count === 0
  return html`<tr><th scope="row">${name}</th>${[isEmpty ? null : mean, p50, p90, p95, p99].map(cell)}<td>${number(isEmpty ? null : max)}</td><td>${number(isEmpty ? null : deviation)}</td><td>${whole(count)}</td></tr>
`
}

function cell(estimate: Estimate | null): Html {
  if (estimate === null) return html`<td>${NOTHING}</td>`
  const range = interval(estimate)
  return html`<td>${number(estimate.value)}${range !== undefined && html`<small>${range}</small>`}</td>`
}
