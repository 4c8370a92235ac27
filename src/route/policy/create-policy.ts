import { LeastLoaded } from './least-loaded.ts'
import type { Policy, PolicyName } from './policy.ts'
import { PowerOfTwo } from './power-of-two.ts'
import { Prefix } from './prefix.ts'
import { RoundRobin } from './round-robin.ts'
import { Session } from './session.ts'

const POLICIES: Readonly<Record<PolicyName, new () => Policy>> = {
  'round-robin': RoundRobin,
  'least-loaded': LeastLoaded,
  'power-of-two': PowerOfTwo,
  prefix: Prefix,
  session: Session,
}

/**
 * A policy that remembers nothing yet; each router has its own.
 *
 * @example
 * const { candidate, reason } = createPolicy('least-loaded').choose(candidates, ask, Math.random)
 */
export function createPolicy(name: PolicyName): Policy {
  return new POLICIES[name]()
}
