import { RefusedError } from '../errors/errors.ts'
import type { Route } from './route.ts'

export interface Match {
  readonly route: Route
  /** What stands for `{id}`, decoded; else empty. */
  readonly parameter: string
}

const PARAMETER = '{id}'

type Methods = Map<string, Route>

/** Finds routes by path and method. */
export class RouteTable {
  readonly #paths = new Map<string, Methods>()
  /** Paths that end in a parameter, by what stands before it. */
  readonly #prefixes = new Map<string, Methods>()

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      for (const path of [route.path, ...(route.aliases ?? [])]) {
        const isPrefix = path.endsWith(PARAMETER)
        const paths = isPrefix ? this.#prefixes : this.#paths
        const key = isPrefix ? path.slice(0, -PARAMETER.length) : path
        const methods = paths.get(key) ?? new Map<string, Route>()
        if (methods.has(route.method)) throw new Error(`${route.method} ${path} stands twice in the table`)
        methods.set(route.method, route)
        paths.set(key, methods)
      }
    }
  }

  /** The methods of a path, HEAD where there is GET; none where no route has it. */
  methods(path: string): readonly string[] {
    const methods = this.#find(path)?.methods
    return methods ? [...methods.keys()].flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])) : []
  }

  find(method: string, path: string): Match | undefined {
    const found = this.#find(path)
    const route = found?.methods.get(method === 'HEAD' ? 'GET' : method)
    return route && { route, parameter: found!.parameter }
  }

  /** Why nothing was found. */
  refusal(method: string, path: string): RefusedError {
    const allowed = this.methods(path).join(', ')
    return allowed === ''
      ? new RefusedError('not_found', 'there is no such route')
      : new RefusedError('method_not_allowed', `${method} is not allowed here: use ${allowed}`, { Allow: allowed })
  }

  #find(path: string): { readonly methods: Methods; readonly parameter: string } | undefined {
    const methods = this.#paths.get(path)
    if (methods) return { methods, parameter: '' }
    for (const [prefix, methods] of this.#prefixes) {
      if (!path.startsWith(prefix) || path.length === prefix.length) continue
      const parameter = decoded(path.slice(prefix.length))
      if (parameter !== undefined) return { methods, parameter }
    }
    return undefined
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
