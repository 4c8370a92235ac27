import { checkSchema, isList, isObject, isText, type Json } from './check-schema.ts'

/** What is wrong with a document by the rules of OpenAPI 3.1 and JSON Schema 2020-12, a line each, with where it stands. */
export function problemsOf(document: unknown): string[] {
  const problems: string[] = []
  const check = new Check(document as Json, (at, what) => problems.push(`${at}: ${what}`))
  check.document()
  return problems
}

/** What each kind of object of OpenAPI must and may have; extensions may stand anywhere. */
const OBJECTS = {
  document: { must: ['openapi', 'info', 'paths'], may: ['servers', 'tags', 'components'] },
  info: { must: ['title', 'version'], may: ['description'] },
  server: { must: ['url'], may: ['description'] },
  tag: { must: ['name'], may: ['description'] },
  pathItem: { must: [], may: ['get', 'post'] },
  operation: {
    must: ['operationId', 'responses'],
    may: ['summary', 'description', 'tags', 'security', 'parameters', 'requestBody'],
  },
  parameter: { must: ['name', 'in', 'schema'], may: ['required', 'description'] },
  requestBody: { must: ['content'], may: ['required', 'description'] },
  response: { must: ['description'], may: ['headers', 'content'] },
  mediaType: { must: ['schema'], may: ['example'] },
  header: { must: ['schema'], may: ['description'] },
  components: { must: [], may: ['schemas', 'responses', 'headers', 'parameters', 'securitySchemes'] },
} as const

class Check {
  readonly #operationIds = new Set<unknown>()

  constructor(
    private readonly root: Json,
    private readonly report: (at: string, what: string) => void,
  ) {}

  document(): void {
    const { root } = this
    this.#object('document', root, '#')
    if (!/^3\.1\.\d+$/.test(String(root.openapi))) this.report('#/openapi', 'must be 3.1.x')
    this.#object('info', root.info, '#/info')
    this.#each(root.servers, '#/servers', (server, at) => this.#object('server', server, at))
    this.#each(root.tags, '#/tags', (tag, at) => this.#object('tag', tag, at))
    const names = isList(root.tags) ? root.tags.map(tag => (tag as Json).name) : []
    if (new Set(names).size !== names.length) this.report('#/tags', 'a name stands twice')
    this.#each(root.paths, '#/paths', (item, at, path) => this.#pathItem(item, at, path, names))
    this.#components()
  }

  #components(): void {
    const components = (this.root.components ?? {}) as Json
    this.#object('components', components, '#/components')
    for (const [kind, entries] of Object.entries(components))
      for (const key of Object.keys(entries as Json))
        if (!/^[a-zA-Z0-9._-]+$/.test(key)) this.report(`#/components/${kind}`, `${key} is no name`)
    this.#each(components.schemas, '#/components/schemas', (schema, at) => this.#schema(schema, at))
    this.#each(components.responses, '#/components/responses', (response, at) => this.#response(response, at))
    this.#each(components.headers, '#/components/headers', (header, at) => this.#header(header, at))
    this.#each(components.parameters, '#/components/parameters', (parameter, at) => this.#parameter(parameter, at))
  }

  #pathItem(item: unknown, at: string, path: string, tags: readonly unknown[]): void {
    if (!path.startsWith('/')) this.report(at, 'a path must begin with /')
    this.#object('pathItem', item, at)
    this.#each(item, at, (operation, at) => this.#operation(operation as Json, at, path, tags))
  }

  #operation(operation: Json, at: string, path: string, tags: readonly unknown[]): void {
    this.#object('operation', operation, at)
    if (this.#operationIds.has(operation.operationId)) this.report(at, `${operation.operationId} stands twice`)
    this.#operationIds.add(operation.operationId)
    for (const tag of (operation.tags ?? []) as unknown[]) if (!tags.includes(tag)) this.report(at, `${tag} is no tag`)
    const parameters = ((operation.parameters ?? []) as Json[]).map(parameter => this.#followed(parameter, at))
    this.#each(operation.parameters, `${at}/parameters`, (parameter, at) => this.#parameter(parameter, at))
    const places = parameters.map(({ name, in: where }) => `${where} ${name}`)
    if (new Set(places).size !== places.length) this.report(at, 'a parameter stands twice')
    const declared = places.filter(place => place.startsWith('path ')).map(place => place.slice(5))
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    if (declared.sort().join() !== inPath.sort().join()) this.report(at, `has ${declared} as parameters of ${path}`)
    this.#security(operation, at)
    if (operation.requestBody !== undefined) {
      this.#object('requestBody', operation.requestBody, `${at}/requestBody`)
      this.#content((operation.requestBody as Json).content, `${at}/requestBody/content`)
    }
    if (Object.keys((operation.responses ?? {}) as Json).length === 0) this.report(at, 'has no responses')
    this.#each(operation.responses, `${at}/responses`, (response, at, status) => {
      if (!/^[1-5]\d\d$/.test(status)) this.report(at, 'is no status')
      this.#response(response, at)
    })
  }

  #security({ security }: Json, at: string): void {
    const schemes = Object.keys(((this.root.components as Json)?.securitySchemes ?? {}) as Json)
    for (const requirement of (security ?? []) as Json[])
      for (const [name, scopes] of Object.entries(requirement))
        if (!schemes.includes(name) || !isList(scopes)) this.report(at, `${name} is no security scheme`)
  }

  #parameter(raw: unknown, at: string): void {
    const parameter = this.#followed(raw, at)
    this.#object('parameter', parameter, at)
    if (!['path', 'query', 'header'].includes(parameter.in as string))
      this.report(at, 'must be in path, query or header')
    if (parameter.in === 'path' && parameter.required !== true) this.report(at, 'must be required')
    this.#schema(parameter.schema, `${at}/schema`)
  }

  #response(raw: unknown, at: string): void {
    const response = this.#followed(raw, at)
    this.#object('response', response, at)
    this.#each(response.headers, `${at}/headers`, (header, at) => this.#header(header, at))
    if (response.content !== undefined) this.#content(response.content, `${at}/content`)
  }

  #content(content: unknown, at: string): void {
    this.#each(content, at, (media, at, type) => {
      if (!/^[a-z]+\/[a-z.+-]+(?:;\s*[a-z]+=[\w-]+)*$/.test(type)) this.report(at, 'is no media type')
      this.#object('mediaType', media, at)
      for (const [key, schema] of Object.entries(media as Json))
        if (key === 'schema' || key === 'x-event-data') this.#schema(schema, `${at}/${key}`)
    })
  }

  #header(raw: unknown, at: string): void {
    const header = this.#followed(raw, at)
    this.#object('header', header, at)
    this.#schema(header.schema, `${at}/schema`)
  }

  #schema(schema: unknown, at: string): void {
    checkSchema(schema, at, this.report, (reference, at) => void this.#followed(reference, at))
  }

  /** What stands behind a reference. */
  #followed(value: unknown, at: string): Json {
    if (!isObject(value)) {
      this.report(at, 'must be an object')
      return {}
    }
    if (!isText(value.$ref)) return value
    const parts = (value.$ref as string).split('/').map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const found = parts.slice(1).reduce<unknown>((here, part) => (isObject(here) ? here[part] : undefined), this.root)
    if (parts[0] === '#' && isObject(found)) return found
    this.report(at, `${value.$ref} leads nowhere`)
    return {}
  }

  #object(kind: keyof typeof OBJECTS, value: unknown, at: string): void {
    if (!isObject(value)) {
      this.report(at, 'must be an object')
      return
    }
    const { must, may }: { must: readonly string[]; may: readonly string[] } = OBJECTS[kind]
    for (const key of must) if (value[key] === undefined) this.report(at, `has no ${key}`)
    for (const key of Object.keys(value))
      if (![...must, ...may].includes(key) && !key.startsWith('x-')) this.report(at, `may not have ${key}`)
  }

  #each(values: unknown, at: string, check: (value: unknown, at: string, key: string) => void): void {
    if (values === undefined) return
    if (!isObject(values) && !isList(values)) {
      this.report(at, 'must be a list or an object')
      return
    }
    for (const [key, value] of Object.entries(values))
      check(value, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, key)
  }
}
