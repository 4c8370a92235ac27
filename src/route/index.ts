/** Many engines as one. */
export { openRouter } from './open-router.ts'
export { POLICY_NAMES, type PolicyName } from './policy/policy.ts'
export type * from './router.ts'
export { type UpstreamPhase, type UpstreamSpec, upstreamName } from './upstream.ts'
