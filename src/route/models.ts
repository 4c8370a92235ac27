import { InvalidTargetError, ModelNotFoundError } from '../engine/index.ts'
import type { ModelRoute } from './router.ts'

/** Upstreams among which a policy chooses. */
export interface Tier {
  /** What they answer as: the model that was asked for, or one of its fallbacks. */
  readonly model: string
  readonly upstreams: readonly string[]
}

export interface ResolvedModel {
  /** Its own name, where an alias was asked for; undefined where no model is known yet and none was asked for. */
  readonly model: string | undefined
  /** The first is to be asked; each further one only when none of those before can answer. Empty where none can. */
  readonly tiers: readonly Tier[]
}

/**
 * Which upstreams answer to which name. Those of equal weight are alike, and a policy chooses among them; between unlike
 * ones chance decides, in proportion.
 *
 * @example
 * new ModelTable([{ name: 'ember', upstreams: [{ name: 'a' }, { name: 'b' }] }])
 *   .resolve(undefined, () => true, Math.random) // { model: 'ember', tiers: [{ model: 'ember', upstreams: ['a', 'b'] }] }
 */
export class ModelTable {
  /** The default first; without aliases. */
  readonly names: readonly string[]
  /** By name and alias. */
  readonly #routes = new Map<string, ModelRoute>()

  /** @throws InvalidTargetError where two models share a name, one has no upstream, or a fallback is not there */
  constructor(private readonly routes: readonly ModelRoute[]) {
    this.names = routes.map(({ name }) => name)
    for (const route of routes) {
      if (route.upstreams.length === 0) throw new InvalidTargetError(`the model ${route.name} has no upstreams`)
      const heavy = route.upstreams.find(({ weight = 1 }) => !(weight > 0 && weight < Number.POSITIVE_INFINITY))
      if (heavy)
        throw new InvalidTargetError(`${heavy.name}'s weight for the model ${route.name} must be a number above 0`)
      for (const name of new Set([route.name, ...(route.aliases ?? [])])) {
        if (this.#routes.has(name)) throw new InvalidTargetError(`two models are called ${name}`)
        this.#routes.set(name, route)
      }
    }
    for (const { name, fallbacks = [] } of routes)
      for (const fallback of fallbacks)
        if (!this.#routes.has(fallback))
          throw new InvalidTargetError(`the model ${name} falls back to ${fallback}, which is not there`)
  }

  /** By its name or an alias. */
  route(name: string): ModelRoute | undefined {
    return this.#routes.get(name)
  }

  /**
   * Who may answer, of those that `available` says can. Chance is asked once for each split between unlike weights.
   *
   * @throws ModelNotFoundError
   */
  resolve(asked: string | undefined, available: (upstream: string) => boolean, random: () => number): ResolvedModel {
    const route = asked === undefined ? this.routes[0] : this.#routes.get(asked)
    if (route === undefined) {
      if (asked === undefined) return { model: undefined, tiers: [] }
      const known = this.names.join(', ') || 'none'
      throw new ModelNotFoundError(`the model ${JSON.stringify(asked.slice(0, 64))} is not served; there are ${known}`)
    }
    const stand = [route.name, ...(route.fallbacks ?? [])].map(name => this.#routes.get(name)!)
    return { model: route.name, tiers: stand.flatMap(route => tiersOf(route, available, random)) }
  }
}

/**
 * The table where none is given: each model that is served, at those that serve it.
 *
 * @example
 * servedModels([{ name: 'a', models: ['ember'] }, { name: 'b', models: ['ember', 'ash'] }])
 */
export function servedModels(
  upstreams: readonly { readonly name: string; readonly models: readonly string[] }[],
): readonly ModelRoute[] {
  const servers = new Map<string, { readonly name: string }[]>()
  for (const { name, models } of upstreams) {
    for (const model of new Set(models)) {
      const known = servers.get(model)
      if (known === undefined) servers.set(model, [{ name }])
      else known.push({ name })
    }
  }
  return Array.from(servers, ([name, upstreams]) => ({ name, upstreams }))
}

/** Groups of equal weight, in the order that chance puts them in. */
function tiersOf(route: ModelRoute, available: (upstream: string) => boolean, random: () => number): Tier[] {
  const groups = new Map<number, string[]>()
  for (const { name, weight = 1 } of route.upstreams) {
    if (!available(name)) continue
    const group = groups.get(weight)
    if (group === undefined) groups.set(weight, [name])
    else group.push(name)
  }
  const left = Array.from(groups, ([weight, upstreams]) => ({ weight: weight * upstreams.length, upstreams }))
  const tiers: Tier[] = []
  while (left.length > 0) {
    const at = left.length === 1 ? 0 : drawn(left, random())
    const [group] = left.splice(at, 1)
    tiers.push({ model: route.name, upstreams: group!.upstreams })
  }
  return tiers
}

function drawn(groups: readonly { readonly weight: number }[], share: number): number {
  let left = share * groups.reduce((sum, { weight }) => sum + weight, 0)
  const at = groups.findIndex(({ weight }) => {
    left -= weight
    return left < 0
  })
  return at < 0 ? groups.length - 1 : at
}
