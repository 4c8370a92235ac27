import { type Html, html } from '../../html/index.ts'

export interface TryForm {
  readonly id: string
  readonly method: string
  readonly path: string
  /** What the body is at first; undefined where there is none. */
  readonly example: unknown
  readonly streams: boolean
}

/** Sends a request from the page and shows the answer as it comes. Stays hidden where no script shows it. */
export function tryForm({ id, method, path, example, streams }: TryForm): Html {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  return html`<form class="try" data-method="${method}" data-path="${path}" autocomplete="off" hidden>
<h3>Try it</h3>
${parameters.map(name => html`<label for="${id}-${name}">${name}</label><input id="${id}-${name}" name="${name}" required>`)}
${
  example !== undefined &&
  html`<label for="${id}-body">Body</label>
<textarea id="${id}-body" name="body" spellcheck="false">${JSON.stringify(example, null, 2)}</textarea>`
}
<div class="actions">
<button class="main">Send</button>
${streams && html`<button name="stream">Stream</button>`}
<button type="button" class="stop" hidden>Stop</button>
<span class="status" role="status"></span>
</div>
<pre class="reply" tabindex="0" aria-label="Answer"></pre>
<details class="events" hidden><summary>Events</summary><pre class="frames" tabindex="0"></pre></details>
</form>`
}
