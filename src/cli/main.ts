import { CommanderError } from 'commander'
import { VERSION } from '../version.ts'
import { EXIT, type ExitCode, exitCodeOf, UsageError } from './exit.ts'
import { createProgram, type Invocation } from './program.ts'
import { explain } from './report.ts'
import { resolveConfig } from './resolve-config.ts'
import { styleFor } from './style.ts'
import { namedVerb } from './verbs.ts'
import type { World } from './world.ts'

/**
 * Runs one command line.
 *
 * @param argv Without the paths of Node and the script.
 * @returns The exit code; nothing is thrown.
 */
export async function main(argv: readonly string[], world: World): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  let spoken: string | undefined
  const run = async ({ verb, given, words }: Invocation): Promise<void> => {
    spoken = namedVerb(argv) ?? verb.name
    const { file, options } = meant(given, verb.measures)
    const config = await resolveConfig(options, file, world)
    const command = await verb.load()
    code = await command(config, world, words)
  }
  try {
    const program = createProgram(VERSION, world, run)
    if (argv.length === 0) {
      program.outputHelp({ error: true })
      return EXIT.usage
    }
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    world.stderr.write(`${styleFor(world.stderr, world.env)('red', 'warpline:')} ${explain(error, argv, spoken)}\n`)
    if (world.env.WARPLINE_DEBUG && error instanceof Error) world.stderr.write(`${error.stack}\n`)
    return error instanceof CommanderError ? EXIT.usage : exitCodeOf(error)
  }
}

/** `--load-format dummy --config llama-2-7b` names a model's shape, where one is measured without the former; any other `--config` is a file with options. */
function meant(
  { config, ...options }: Invocation['given'],
  measures = false,
): {
  file: string | undefined
  options: Readonly<Record<string, unknown>>
} {
  const named = config as string | undefined
  const isShape = (measures || options.loadFormat === 'dummy') && named !== undefined && !/\.(json|ya?ml)$/.test(named)
  if (!isShape) return { file: named, options }
  if (options.target === undefined) return { file: undefined, options: { ...options, target: named } }
  throw new UsageError(`--config ${named} and ${options.target} both name a model: give one of them`)
}
