import { type Html, html } from '../../../html/index.ts'
import type { RunReport } from '../../report/bench-report.ts'

export interface Column {
  readonly name: string
  readonly of: (run: RunReport) => string
  /** Stands above neighbours that bear the same. */
  readonly group?: string
}

/** A table with a row for each run and its name at the left; what is invalid is marked in every one of them. */
export function runRows(runs: readonly RunReport[], columns: readonly Column[]): Html {
  const groups = groupsOf(columns)
  const hasGroups = groups.some(({ name }) => name !== undefined)
  return html`<div class="scroll"><table>
<thead>${hasGroups && html`<tr><td></td>${groups.map(({ name, span }) => html`<th scope="colgroup" colspan="${span}">${name}</th>`)}</tr>\n`}<tr><th scope="col">Run</th>${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${runs.map(
  run => html`<tr${!run.verdict.valid && html` class="invalid"`}><th scope="row">${run.label}${
    !run.verdict.valid && html` <span class="tag">INVALID</span>`
  }${run.cutShort !== null && html` <span class="tag">CUT SHORT</span>`}</th>${columns.map(({ of }) => html`<td>${of(run)}</td>`)}</tr>
`,
)}</tbody>
</table></div>`
}

function groupsOf(columns: readonly Column[]): readonly { readonly name: string | undefined; readonly span: number }[] {
  const groups: { name: string | undefined; span: number }[] = []
  for (const { group } of columns) {
    const last = groups.at(-1)
    if (last && last.name === group) last.span++
    else groups.push({ name: group, span: 1 })
  }
  return groups
}
