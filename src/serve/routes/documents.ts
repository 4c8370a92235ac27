import type { Exchange } from '../exchange/exchange.ts'
import { sendUnlessKnown, TaggedBody } from '../exchange/send-unless-known.ts'
import type { Host } from '../host.ts'
import { documentOf } from '../openapi/document.ts'
import type { OpenApi } from '../openapi/openapi.ts'
import { atBase, docsPage, PAGE_POLICY } from '../page/docs-page.ts'
import type { Route } from './route.ts'

/** What the server says of itself; `all` are its routes, these among them. */
export function documentRoutes(all: () => readonly Route[]): readonly Route[] {
  const documents = new Map<boolean, { readonly document: OpenApi; readonly body: TaggedBody }>()
  let page: { readonly key: string; readonly html: string } | undefined

  function documentFor({ asksForKeys }: Host) {
    const known = documents.get(asksForKeys)
    if (known) return known
    const document = documentOf(all(), asksForKeys)
    const made = { document, body: new TaggedBody('application/json', JSON.stringify(document)) }
    documents.set(asksForKeys, made)
    return made
  }

  function pageFor(host: Host): string {
    const { asksForKeys } = host
    // Where keys are asked for, what is served is for those who have one.
    const model = asksForKeys ? undefined : host.model
    const key = `${asksForKeys} ${model}`
    if (page?.key !== key) page = { key, html: docsPage(documentFor(host).document, { model, asksForKeys }) }
    return page.html
  }

  return [
    {
      method: 'GET',
      path: '/openapi.json',
      scope: 'public',
      group: 'documents',
      whileLoading: true,
      summary: 'All routes, fields and errors, as OpenAPI 3.1.',
      reply: { description: 'The document; 304 for who has it already.' },
      handle(exchange) {
        sendUnlessKnown(exchange, documentFor(exchange.host).body)
      },
    },
    {
      method: 'GET',
      path: '/docs',
      scope: 'public',
      group: 'documents',
      whileLoading: true,
      summary: 'This page.',
      reply: { description: 'The document for people.', type: 'text/html; charset=utf-8' },
      handle(exchange) {
        const body = new TaggedBody('text/html; charset=utf-8', atBase(pageFor(exchange.host), baseOf(exchange)))
        sendUnlessKnown(exchange, body, { 'Content-Security-Policy': PAGE_POLICY, 'Referrer-Policy': 'no-referrer' })
      },
    },
    {
      method: 'GET',
      path: '/',
      scope: 'public',
      group: 'documents',
      whileLoading: true,
      summary: 'Leads browsers to `/docs`, and tells programs where the documents are.',
      reply: { description: 'Where to read on; browsers get a 302 instead.' },
      handle(exchange) {
        const wantsPage = exchange.incoming.headers.accept?.includes('text/html') === true
        if (wantsPage) exchange.send(302, 'text/plain', '', { Location: 'docs', Vary: 'Accept' })
        else exchange.json(200, { name: 'warpline', docs: 'docs', openapi: 'openapi.json' }, { Vary: 'Accept' })
      },
    },
  ]
}

/** As the client named the server; the script of the page knows better what lies in front of it. */
function baseOf({ incoming }: Exchange): string {
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http'
  return `${scheme}://${incoming.headers.host ?? 'localhost'}`
}
