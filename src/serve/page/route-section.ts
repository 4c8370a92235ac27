import { type Html, html, prose } from '../../html/index.ts'
import type { JsonSchema } from '../openapi/json-schema.ts'
import type { OpenApi, Operation, Parameter, Ref, Response } from '../openapi/openapi.ts'
import { curlLine } from './curl-line.ts'
import { type FieldRow, fieldRows } from './field-rows.ts'
import { fieldTable } from './field-table.ts'
import { tryForm } from './try-form.ts'
import { typeWords } from './type-words.ts'

/** One route as the page shows it. */
export interface RouteView {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly aliases: readonly string[]
  readonly operation: Operation
}

export interface Place {
  readonly document: OpenApi
  readonly base: string
  /** Goes into examples; undefined where it is not for everybody to know, or not known yet. */
  readonly model: string | undefined
  readonly open: boolean
}

export function routeSection(route: RouteView, place: Place): Html {
  const { method, path, operation } = route
  return html`<details class="route" id="${operation.operationId}"${place.open && html` open`}>
<summary><span class="method ${method.toLowerCase()}">${method}</span> <span class="path">${path}</span> <span class="says">${prose(operation.summary)}</span></summary>
<div class="inside">
${marks(route)}
${example(route, place)}
${fields(operation, place.document)}
${answers(operation, place.document)}
</div>
</details>
`
}

function marks({ aliases, operation }: RouteView): Html | false {
  const { 'x-scope': scope, 'x-while-loading': whileLoading, security } = operation
  const words = [
    ...aliases.map(alias => html`Also <code>${alias}</code>.`),
    ...(security.length > 0 ? [html`Needs ${scope === 'admin' ? 'an admin key' : 'a key'}.`] : []),
    ...(whileLoading ? [html`Answers while the model loads.`] : []),
  ]
  return words.length > 0 && html`<p class="marks">${words.map((word, i) => html`${i > 0 && ' '}${word}`)}</p>`
}

function example({ method, path, operation }: RouteView, { document, base, model }: Place): Html {
  const body = exampleOf(operation, document, model)
  const streams = operation.responses[200] !== undefined && 'text/event-stream' in contentOf(operation.responses[200])
  const isThere = Object.keys(operation.responses).some(status => Number(status) < 400)
  const curl = curlLine({ method, base, path, body, needsKey: operation.security.length > 0 })
  return html`<h3>Example</h3>
<div class="example"><pre tabindex="0">${curl}</pre><button type="button" class="copy" hidden>Copy</button></div>
${isThere && tryForm({ id: operation.operationId, method, path, example: body, streams })}`
}

function exampleOf(operation: Operation, document: OpenApi, model: string | undefined): unknown {
  const example = operation.requestBody?.content['application/json'].example
  const takesModel = bodySchema(operation, document)?.properties?.model !== undefined
  return takesModel && model !== undefined ? { model, ...(example as object) } : example
}

function fields(operation: Operation, document: OpenApi): Html[] {
  const schema = bodySchema(operation, document)
  const refused = Object.entries((schema?.['x-unsupported'] ?? {}) as Record<string, string>)
  const parameters = operation.parameters.map(parameter => parameterRow(resolve(parameter, document)))
  return [
    ...(schema
      ? [html`<h3>Body</h3>${fieldTable('Fields of the body', fieldRows(schema, document.components.schemas))}`]
      : []),
    ...(refused.length > 0
      ? [
          more(
            'Refused by name',
            `${refused.length} fields that other servers know, with a 501 and a hint`,
            html`<table>
<caption>Fields that are refused</caption>
<thead><tr><th scope="col">Field</th><th scope="col">Hint</th></tr></thead>
<tbody>${refused.map(([name, hint]) => html`<tr><th scope="row"><code>${name}</code></th><td>${prose(hint)}</td></tr>`)}</tbody>
</table>`,
          ),
        ]
      : []),
    more('Parameters', 'of path, query and headers', fieldTable('Parameters', parameters)),
  ]
}

function answers({ responses }: Operation, document: OpenApi): Html[] {
  const { schemas } = document.components
  const entries = Object.entries(responses)
  const good = entries.filter(([status]) => Number(status) < 400)
  const bad = entries.filter(([status]) => Number(status) >= 400)
  return [
    ...good.flatMap(([status, response]) => [
      html`<h3>Answer ${status !== '200' && status}</h3><p>${prose(resolveResponse(response, document).description)}</p>`,
      ...Object.entries(contentOf(response)).flatMap(([type, { schema, 'x-event-data': event }]) => {
        const rows = firstRows(event ?? schema, schemas)
        return rows.length === 0 ? [] : [more(event ? 'Each event' : 'Fields', `of ${type}`, fieldTable(type, rows))]
      }),
    ]),
    html`<p class="soft">Errors: ${bad.map(([status], i) => html`${i > 0 && ', '}<a href="#error-${status}">${status}</a>`)}.</p>`,
  ]
}

/** Of several alternatives those that come first: what they share is told once. */
function firstRows(schema: JsonSchema, schemas: OpenApi['components']['schemas']): readonly FieldRow[] {
  return (schema.anyOf ?? [schema]).map(option => fieldRows(option, schemas)).find(rows => rows.length > 0) ?? []
}

function more(title: string, note: string, content: Html): Html {
  return html`<details class="more"><summary>${title} <span>${note}</span></summary>${content}</details>`
}

function parameterRow({ name, in: where, required, description, schema }: Parameter): FieldRow {
  const { pattern, ...rest } = schema
  return { path: name, type: `${typeWords(rest)}, in the ${where}`, required, description, byDefault: undefined }
}

function bodySchema({ requestBody }: Operation, { components }: OpenApi): JsonSchema | undefined {
  const ref = requestBody?.content['application/json'].schema.$ref
  return ref === undefined ? undefined : components.schemas[ref.slice(ref.lastIndexOf('/') + 1)]
}

function contentOf(response: Response | Ref): NonNullable<Response['content']> {
  return ('content' in response && response.content) || {}
}

function resolve(parameter: Parameter | Ref, { components }: OpenApi): Parameter {
  if (!('$ref' in parameter)) return parameter
  return components.parameters[parameter.$ref.slice(parameter.$ref.lastIndexOf('/') + 1)]!
}

function resolveResponse(response: Response | Ref, { components }: OpenApi): Response {
  if (!('$ref' in response)) return response
  return components.responses[response.$ref.slice(response.$ref.lastIndexOf('/') + 1)]!
}
