import type { Config } from './config.ts'
import { type ConfigFile, readConfigFile } from './config-file.ts'
import { UsageError } from './exit.ts'
import { flagOf, OPTION_KEYS, OPTIONS, type OptionKey, variableOf } from './options.ts'
import type { ValueType } from './value-types.ts'
import type { World } from './world.ts'

/**
 * Options beat variables, variables beat the config file, the config file beats defaults.
 *
 * @param given What stood on the command line, by key.
 * @throws UsageError naming the place of a value that cannot be understood.
 */
export async function resolveConfig(
  given: Readonly<Record<string, unknown>>,
  configFile: string | undefined,
  world: Pick<World, 'env' | 'cwd'>,
): Promise<Config> {
  const file = await readConfigFile(configFile ?? world.env.WARPLINE_CONFIG, world.cwd)
  const entries = OPTION_KEYS.flatMap(key => {
    const value = chosenValue(key, given, world.env, file)
    return value === undefined ? [] : [[key, value] as const]
  })
  return Object.fromEntries(entries) as unknown as Config
}

function chosenValue(
  key: OptionKey,
  given: Readonly<Record<string, unknown>>,
  env: World['env'],
  file: ConfigFile | undefined,
): unknown {
  const { type, default: fallback } = OPTIONS[key]
  // Read even when it is beaten: a mistake in the file must not wait for the day when it is not.
  const fromFile = key in (file?.values ?? {}) ? read(type, file?.values[key], `${file?.name}: ${key}`) : undefined
  if (given[key] !== undefined) return read(type, given[key], key === 'target' ? 'TARGET' : flagOf(key))
  const variable = env[variableOf(key)]
  if (variable !== undefined && variable !== '') return read(type, variable, variableOf(key))
  return fromFile ?? fallback
}

function read(type: ValueType<unknown>, raw: unknown, where: string): unknown {
  const value = type.read(raw)
  if (value === undefined) throw new UsageError(`${where}: expected ${type.expects}, not ${JSON.stringify(raw)}`)
  return value
}
