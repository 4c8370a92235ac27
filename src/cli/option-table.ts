import type { Config } from './config.ts'
import type { ValueType } from './value-types.ts'

/**
 * One option, in all the places where it can be given: `kvMemory` is `--kv-memory` on the command line,
 * `WARPLINE_KV_MEMORY` in the environment and `kvMemory` in the config file.
 */
export interface OptionSpec<T> {
  readonly type: ValueType<T>
  /** What stands for the value in `--help`; none for a flag. */
  readonly value?: string
  readonly short?: string
  /** Where it is not the key's own: several `--target` are `targets`. */
  readonly flag?: `--${string}`
  readonly help: string
  readonly default?: T
}

/** A default exactly where the config promises a value. */
export type OptionTable = {
  readonly [K in keyof Config]-?: OptionSpec<NonNullable<Config[K]>> &
    (Record<never, never> extends Pick<Config, K> ? { readonly default?: never } : { readonly default: Config[K] })
}
