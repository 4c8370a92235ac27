import { type Html, html, prose } from '../../html/index.ts'
import type { FieldRow } from './field-rows.ts'

/** Fields with types, ranges and defaults. */
export function fieldTable(caption: string, rows: readonly FieldRow[]): Html {
  return html`<table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Field</th><th scope="col">Value</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rows.map(rowOf)}</tbody>
</table>`
}

function rowOf({ path, type, required, description, byDefault }: FieldRow): Html {
  return html`<tr><th scope="row"><code>${breakable(path)}</code>${required && html`<span class="must">required</span>`}</th>
<td class="type">${type}</td>
<td>${prose(description)}${byDefault && html`<span class="default">Default: <code>${byDefault}</code></span>`}</td></tr>
`
}

/** Long paths break where their parts do. */
function breakable(path: string): Html[] {
  return path.split('.').map((part, i) => (i === 0 ? html`${part}` : html`.<wbr>${part}`))
}
