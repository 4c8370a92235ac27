import type { Config } from './config.ts'
import type { ExitCode } from './exit.ts'
import type { OptionKey } from './options.ts'
import type { World } from './world.ts'

export interface Verb {
  readonly name: string
  readonly summary: string
  /** Whether a TARGET may follow. */
  readonly target: boolean
  /** What follows instead of one, e.g. `check [NAME…]`. */
  readonly words?: string
  readonly options: readonly OptionKey[]
  /** Those of them that hold and are left out of its help, which would drown in them. */
  readonly unlisted?: readonly OptionKey[]
  readonly examples: readonly string[]
  /** What its help ends with. */
  readonly more?: string
  /** What may follow it instead, with options of its own, e.g. `bench sweep`. */
  readonly parts?: readonly Verb[]
  /** Weights may be random, so `--config` may name a model's shape as it is. */
  readonly measures?: true
  /** Other tools' flags for the same, by the option's key, e.g. `{ maxTokens: '--n_predict' }`. */
  readonly aliases?: Readonly<Partial<Record<OptionKey, `--${string}`>>>
  /** A verb's code is loaded when it is its turn: `--help` waits for no engine. */
  load(): Promise<(config: Config, world: World, words: readonly string[]) => Promise<ExitCode>>
}
