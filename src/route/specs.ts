import { InvalidTargetError } from '../engine/index.ts'
import { type UpstreamSpec, upstreamName } from './upstream.ts'

/** With what is left out filled in and what is wrong refused. */
export interface NamedSpec extends UpstreamSpec {
  readonly name: string
  readonly weight: number
}

/**
 * Gives each upstream its name: of several that have none of their own and the same URL, the second is `…#2`.
 *
 * @throws InvalidTargetError for names that are given twice, and for weights and limits that are none
 */
export function namedSpecs(specs: readonly UpstreamSpec[]): readonly NamedSpec[] {
  const taken = new Set(specs.flatMap(({ name }) => name ?? []))
  if (taken.size < specs.filter(({ name }) => name !== undefined).length) {
    const names = specs.map(({ name }) => name)
    const twice = names.find((name, i) => name !== undefined && names.indexOf(name) !== i)
    throw new InvalidTargetError(`two upstreams are called ${twice}: give each a name of its own`)
  }
  return specs.map(spec => {
    const { weight = 1, maxInFlight } = spec
    const name = spec.name ?? free(upstreamName(spec) || spec.url, taken)
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY))
      throw new InvalidTargetError(`the weight of ${name} must be a number above 0, got ${weight}`)
    if (maxInFlight !== undefined && !(Number.isSafeInteger(maxInFlight) && maxInFlight > 0))
      throw new InvalidTargetError(`maxInFlight of ${name} must be a whole number of at least 1, got ${maxInFlight}`)
    return { ...spec, name, weight }
  })
}

function free(name: string, taken: Set<string>): string {
  let own = name
  for (let i = 2; taken.has(own); i++) own = `${name}#${i}`
  taken.add(own)
  return own
}
