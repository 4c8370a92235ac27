import { type Html, html, prose } from '../../html/index.ts'
import type { OpenApi } from '../openapi/openapi.ts'

/** Statuses and codes of all errors, and when each comes. */
export function errorTable({ components }: OpenApi): Html {
  const rows = Object.entries(components.responses).flatMap(([name, response]) => {
    const status = name.replace('Error', '')
    return Object.entries(response['x-codes'] ?? {}).map(([code, when], i) => {
      return html`<tr${i === 0 && html` id="error-${status}"`}><th scope="row">${status}</th><td class="code"><code>${code}</code></td><td>${prose(when)}</td></tr>
`
    })
  })
  return html`<table class="errors">
<caption>Errors</caption>
<thead><tr><th scope="col">Status</th><th scope="col"><code>code</code></th><th scope="col">When</th></tr></thead>
<tbody>
${rows}</tbody>
</table>`
}
