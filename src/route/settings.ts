import type { PolicyName } from './policy/policy.ts'
import type { RouterOptions } from './router.ts'

/** What a request is handled by. */
export type RouterSettings = Required<
  Pick<RouterOptions, 'policy' | 'retries' | 'failover' | 'firstTokenTimeoutMs' | 'stallTimeoutMs'>
> & { readonly hedgeAfterMs: number | undefined }

const DEFAULTS = {
  policy: 'power-of-two' satisfies PolicyName as PolicyName,
  retries: 2,
  failover: true,
  firstTokenTimeoutMs: 120_000,
  stallTimeoutMs: 30_000,
}

/** The options over their defaults; what is undefined is left out. */
export function settingsOf(options: RouterOptions): RouterSettings {
  return {
    policy: options.policy ?? DEFAULTS.policy,
    retries: options.retries ?? DEFAULTS.retries,
    failover: options.failover ?? DEFAULTS.failover,
    hedgeAfterMs: options.hedgeAfterMs,
    firstTokenTimeoutMs: options.firstTokenTimeoutMs ?? DEFAULTS.firstTokenTimeoutMs,
    stallTimeoutMs: options.stallTimeoutMs ?? DEFAULTS.stallTimeoutMs,
  }
}
