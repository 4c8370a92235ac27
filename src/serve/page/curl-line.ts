import { type Html, html } from '../../html/index.ts'

export interface CurlRequest {
  readonly method: string
  readonly base: string
  readonly path: string
  readonly body: unknown
  readonly needsKey: boolean
}

/** A request as a line for a shell; the script of the page puts the address right that the page was reached by. */
export function curlLine({ method, base, path, body, needsKey }: CurlRequest): Html {
  const parts = [
    ...(needsKey ? ['-H "Authorization: Bearer $WARPLINE_KEY"'] : []),
    ...(method === 'POST'
      ? ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body ?? {}, null, 2))}`]
      : []),
  ]
  return html`curl <span data-base>${base}</span>${path}${parts.map(part => html` \\\n  ${part}`)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
