import type { TenantLimits } from '../../admission/index.ts'

interface LimitSetting {
  readonly limit: keyof TenantLimits
  readonly accepts: (value: number) => boolean
  readonly words: string
}

const COUNT = { accepts: (value: number) => Number.isSafeInteger(value) && value >= 1, words: 'a whole number from 1' }

/** What may follow a key, as `name=value`. */
export const LIMIT_SETTINGS: Readonly<Record<string, LimitSetting>> = {
  concurrency: { limit: 'concurrency', ...COUNT },
  'tokens-per-minute': { limit: 'tokensPerMinute', ...COUNT },
  'queue-share': { limit: 'queueShare', accepts: value => value >= 0 && value <= 1, words: 'a number from 0 to 1' },
  weight: { limit: 'weight', accepts: value => value > 0 && value <= 1e6, words: 'a number above 0' },
}
