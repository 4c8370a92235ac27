import type { EngineErrorCode } from '../../../engine/index.ts'
import { type Html, html } from '../../../html/index.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { percent, whole } from '../numbers.ts'

/** What failed, how often, and the words of one of each kind; undefined where nothing did. */
export function errorTable(runs: readonly RunReport[]): Html | undefined {
  const rows = runs.flatMap(({ label, measures: { requests } }) =>
    (Object.entries(requests.errors) as [EngineErrorCode, number][]).map(
      ([code, count]) =>
        html`<tr><th scope="row">${label}</th><td class="left"><code>${code}</code></td><td>${whole(count)}</td><td>${percent(count / requests.offered)}</td><td class="words">${requests.examples[code] ?? ''}</td></tr>
`,
    ),
  )
  if (rows.length === 0) return undefined
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">Run</th><th scope="col" class="left">Code</th><th scope="col">Requests</th><th scope="col">Of offered</th><th scope="col" class="left">The first of them</th></tr></thead>
<tbody>
${rows}</tbody>
</table></div>`
}
