import { digest, Html, html } from '../../html/index.ts'
import type { OpenApi, Operation } from '../openapi/openapi.ts'
import { errorTable } from './error-table.ts'
import { type RouteView, routeSection } from './route-section.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

export interface PageFacts {
  /** Undefined where it is not for everybody to know, or not known yet. */
  readonly model: string | undefined
  readonly asksForKeys: boolean
}

/** Nothing runs, and nothing is fetched, but what the page itself holds and the server that it came from. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `script-src '${digest(SCRIPT)}'`,
  `style-src '${digest(STYLE)}'`,
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** Stands in the page for where the server is reached. */
const BASE = '{{base}}'

/** The page of a server that is reached at `base`, e.g. `http://127.0.0.1:8090`. */
export function atBase(page: string, base: string): string {
  return page.replaceAll(BASE, () => html`${base}`.markup)
}

/** The document as a page that needs nothing else, but for {@link atBase}. */
export function docsPage(document: OpenApi, facts: PageFacts): string {
  const routes = routesOf(document)
  const groups = document.tags.map(tag => ({
    ...tag,
    routes: routes.filter(route => route.operation.tags[0] === tag.name),
  }))
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Warpline: HTTP API</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<div class="layout">
<nav aria-label="Routes">
<a class="brand" href="#top">Warpline</a>
<ul>
${groups.map(
  ({ name, routes }) => html`<li><a href="#${slug(name)}">${name}</a><ul>
${routes.map(
  route => html`<li><a href="#${route.operation.operationId}">${labelOf(route, routes)}</a></li>
`,
)}</ul></li>
`,
)}<li><a href="#errors">Errors</a></li>
</ul>
</nav>
<main id="top">
<h1>HTTP API <small>${document.info.version}</small></h1>
<p class="lead">${document.info.description} The same as a document for programs: <a href="openapi.json">openapi.json</a>.</p>
${factsOf(facts)}
${groups.map(
  ({ name, description, routes }) => html`<section>
<h2 id="${slug(name)}">${name}</h2>
<p>${description}</p>
${routes.map(route => routeSection(route, { document, base: BASE, model: facts.model, open: route === groups[0]?.routes[0] }))}</section>
`,
)}<section>
<h2 id="errors">Errors</h2>
<p>All have one shape. The code does not change from version to version; the message is for people.</p>
<pre tabindex="0">${ERROR_EXAMPLE}</pre>
<h3>Codes</h3>
${errorTable(document)}
</section>
</main>
</div>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.markup
}

const ERROR_EXAMPLE = JSON.stringify(
  {
    error: {
      message: 'top_p must be a number above 0 and at most 1, got 0',
      type: 'invalid_request_error',
      param: 'top_p',
      code: 'invalid_request',
    },
  },
  null,
  2,
)

function factsOf({ model, asksForKeys }: PageFacts): Html {
  return html`<dl class="facts">
<div><dt>Address</dt><dd><code data-base>${BASE}</code></dd></div>
${model !== undefined && html`<div><dt>Model</dt><dd><code>${model}</code></dd></div>`}
${
  asksForKeys &&
  html`<div class="grow"><dt><label for="key">Your key, for what you try below; it is kept nowhere</label></dt>
<dd><input id="key" type="password" autocomplete="off" spellcheck="false"></dd></div>`
}
</dl>`
}

/** The document's routes in its order, each with its aliases. */
function routesOf({ paths }: OpenApi): RouteView[] {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    (['get', 'post'] as const).flatMap(method => {
      const operation = item[method]
      return operation ? [{ path, method: method.toUpperCase() as 'GET' | 'POST', operation }] : []
    }),
  )
  const aliasesOf = (path: string, method: string) =>
    all.filter(other => other.operation['x-alias-of'] === path && other.method === method).map(other => other.path)
  return all
    .filter(({ operation }) => !isAlias(operation))
    .map(route => ({ ...route, aliases: aliasesOf(route.path, route.method) }))
}

/** The path, and the method where the path alone could be another route. */
function labelOf({ method, path }: RouteView, routes: readonly RouteView[]): string {
  const isTwice = routes.some(other => other.path === path && other.method !== method)
  return isTwice ? `${path} ${method}` : path
}

function isAlias(operation: Operation): boolean {
  return operation['x-alias-of'] !== undefined
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-')
}
