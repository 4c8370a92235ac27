import { Command, Option } from 'commander'
import { EXIT, EXIT_MEANINGS, type ExitCode } from './exit.ts'
import { flagOf, OPTION_GROUPS, OPTIONS, type OptionKey } from './options.ts'
import { styleFor } from './style.ts'
import type { Verb } from './verb.ts'
import { VERBS } from './verbs.ts'
import type { World } from './world.ts'

export interface Invocation {
  readonly verb: Verb
  /** What stood on the command line, by option key; `config` is the config file's path. */
  readonly given: Readonly<Record<string, unknown>>
  /** What followed a verb that takes no TARGET. */
  readonly words: readonly string[]
}

/** The command line's grammar, made from the tables of verbs and options. */
export function createProgram(version: string, world: World, run: (invocation: Invocation) => Promise<void>): Command {
  const program = new Command('warpline')
    .description('Large language models served, scheduled and measured, in TypeScript.')
    .usage('VERB [TARGET] [options]')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this, or a verb’s own options')
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText('after', () => `\n${programNotes()}`)
  configure(program, world)
  for (const verb of VERBS) program.addCommand(commandOf(verb, world, run))
  return program
}

function commandOf(verb: Verb, world: World, run: (invocation: Invocation) => Promise<void>): Command {
  const command = new Command(verb.name)
    .description(verb.summary)
    .usage([verb.parts && '[PRESET]', verb.target ? '[TARGET]' : verb.words, '[options]'].filter(Boolean).join(' '))
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', () => `\n${examplesText(verb)}\n\n${verb.more ? `${verb.more}\n\n` : ''}${places()}`)
  configure(command, world)
  if (verb.target)
    command.argument('[TARGET]', 'a model’s name or folder, a server’s URL, or mock: (default: the bundled model)')
  if (verb.words !== undefined) command.argument('[WORD...]')
  const groups = groupsOf(verb)
  for (const key of verb.options) {
    const option = optionOf(key).hideHelp(verb.unlisted?.includes(key) ?? false)
    const group = groups.get(key)
    command.addOption(group === undefined ? option : option.helpGroup(group))
  }
  for (const [key, alias] of Object.entries(verb.aliases ?? {})) {
    command.addOption(new Option(`${alias} <VALUE>`, `as ${flagOf(key as OptionKey)}`).hideHelp())
  }
  command.option(
    '--config <FILE>',
    'the config file (default: ./warpline.config.json or .yaml); with --load-format dummy, a model’s shape',
  )
  if (verb.parts !== undefined) {
    // A part's options are its own, even those that bear the same letter.
    command.enablePositionalOptions().helpCommand(false).commandsGroup('Presets:')
    for (const part of verb.parts) command.addCommand(commandOf(part, world, run))
  }
  return command.action(async (...args: unknown[]) => {
    const target = verb.target ? args[0] : undefined
    const words = verb.words === undefined ? [] : (args[0] as string[])
    await run({ verb, given: { ...spokenOptions(command, verb), ...(target !== undefined && { target }) }, words })
  })
}

/** Without commander's own defaults, such as the `true` behind a `--no-…`. */
function spokenOptions(command: Command, { options, aliases = {} }: Verb): Record<string, unknown> {
  const keys = new Map<string, string>(options.map(key => [optionOf(key).attributeName(), key]))
  for (const [key, alias] of Object.entries(aliases)) keys.set(new Option(alias).attributeName(), key)
  const spoken = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === 'cli')
  return Object.fromEntries(spoken.map(([name, value]) => [keys.get(name) ?? name, value]))
}

/** A heading for each option of a group of which more than one is listed. */
function groupsOf({ options, unlisted = [] }: Verb): ReadonlyMap<OptionKey, string> {
  const listed = options.filter(key => !unlisted.includes(key))
  const groups = Object.entries(OPTION_GROUPS).map(([heading, keys]) => {
    return { heading, keys: keys.filter(key => listed.includes(key)) }
  })
  return new Map(
    groups.flatMap(({ heading, keys }) => (keys.length > 1 ? keys.map(key => [key, heading] as const) : [])),
  )
}

function optionOf(key: OptionKey): Option {
  const spec = OPTIONS[key]
  const flags = [spec.short, flagOf(key)].filter(Boolean).join(', ')
  const isShown = spec.default !== undefined && typeof spec.default !== 'boolean'
  const help = isShown ? `${spec.help} (default: ${spec.default})` : spec.help
  const option = new Option(spec.value ? `${flags} ${spec.value.replace(/^[^[].*$/, '<$&>')}` : flags, help)
  if (spec.type.repeats) option.argParser((value: string, list: string[] | undefined) => [...(list ?? []), value])
  return option
}

function configure(command: Command, world: World): void {
  const style = styleFor(world.stdout, world.env)
  command
    .exitOverride()
    .configureHelp({
      styleTitle: title => style('bold', title),
      sortSubcommands: false,
      subcommandTerm: sub => `${sub.name()} ${sub.usage().replace(/ ?\[options\]/, '')}`.trim(),
    })
    .configureOutput({
      writeOut: text => world.stdout.write(text),
      writeErr: text => world.stderr.write(text),
      // Whoever runs the program reports its errors.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(world.stdout.columns ?? 100, 120),
      getErrHelpWidth: () => Math.min(world.stderr.columns ?? 100, 120),
    })
}

function examplesText({ examples }: Verb): string {
  return ['Examples:', ...examples.map(example => `  ${example}`)].join('\n')
}

function places(): string {
  return [
    'Every option can also be a variable (--max-tokens: WARPLINE_MAX_TOKENS) or stand in warpline.config.json or',
    '.yaml (maxTokens). Options beat variables, which beat the file.',
  ].join('\n')
}

function programNotes(): string {
  const codes = (Object.entries(EXIT) as [keyof typeof EXIT, ExitCode][]).map(
    ([name, code]) => `  ${String(code).padEnd(4)} ${EXIT_MEANINGS[name]}`,
  )
  return [
    'A TARGET is a model’s name or folder, a server’s URL, or mock: for tokens without a model. Without one, the bundled\nmodel runs.',
    '',
    'Examples:',
    ...VERBS.map(({ examples }) => `  ${examples[0]}`),
    '',
    places(),
    '',
    'Exit codes:',
    ...codes,
  ].join('\n')
}
