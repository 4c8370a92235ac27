import { VERSION } from '../../version.ts'
import type { Route } from '../routes/route.ts'
import { ERROR_SCHEMA, errorResponses } from './error-responses.ts'
import { GROUPS } from './groups.ts'
import type { JsonSchema } from './json-schema.ts'
import type { OpenApi, PathItem } from './openapi.ts'
import { HEADERS, operationOf, PARAMETERS } from './operation.ts'

/**
 * What `/openapi.json` says of a server with these routes.
 *
 * @throws where two schemas share a name, or two routes a place
 */
export function documentOf(routes: readonly Route[], asksForKeys: boolean): OpenApi {
  const schemas = new Map<string, JsonSchema>([['Error', ERROR_SCHEMA]])
  const paths = new Map<string, PathItem>()
  const name = (key: string, schema: JsonSchema) => {
    const known = schemas.get(key)
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) throw new Error(`two schemas are called ${key}`)
    schemas.set(key, schema)
    return { $ref: `#/components/schemas/${key}` }
  }
  for (const route of routes)
    for (const path of [route.path, ...(route.aliases ?? [])]) {
      const method = route.method === 'GET' ? 'get' : 'post'
      const item = paths.get(path)
      if (item?.[method]) throw new Error(`${route.method} ${path} stands twice in the table`)
      paths.set(path, { ...item, [method]: operationOf(route, path, asksForKeys, name) })
    }
  const used = new Set(routes.map(({ group = 'operations' }) => group))
  return {
    openapi: '3.1.1',
    info: { title: 'Warpline', version: VERSION, description: 'A large language model over HTTP.' },
    servers: [{ url: '/' }],
    tags: Object.entries(GROUPS).flatMap(([group, tag]) => (used.has(group as keyof typeof GROUPS) ? [tag] : [])),
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries(schemas),
      responses: errorResponses(),
      headers: HEADERS,
      parameters: PARAMETERS,
      securitySchemes: asksForKeys ? SECURITY_SCHEMES : {},
    },
  }
}

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: '`Authorization: Bearer KEY`' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: '`X-Api-Key: KEY`' },
}
