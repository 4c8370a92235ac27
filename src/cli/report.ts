import { CommanderError } from 'commander'
import { WarplineError } from '../errors.ts'
import { UsageError } from './exit.ts'
import { namedVerb } from './verbs.ts'

/** One line that names the cause and says what to do. */
export function explain(error: unknown, argv: readonly string[], verb: string | undefined): string {
  if (error instanceof CommanderError) return explainCommandLine(error, argv)
  if (error instanceof UsageError) return `${oneLine(error.message)}: ${helpHint(verb)}`
  if (error instanceof WarplineError) return oneLine(error.message)
  const message = error instanceof Error ? error.message : String(error)
  return `${oneLine(message)} (WARPLINE_DEBUG=1 shows where)`
}

function explainCommandLine({ message }: CommanderError, argv: readonly string[]): string {
  const line = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/, ' (did you mean $1?)')
    .replace(/\.$/, '')
  return `${oneLine(line)}: ${helpHint(namedVerb(argv))}`
}

function helpHint(verb: string | undefined): string {
  return `see ${['warpline', verb, '--help'].filter(Boolean).join(' ')}`
}

function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ')
}
