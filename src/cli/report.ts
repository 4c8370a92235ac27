import { CommanderError } from 'commander'
import { WarplineError } from '../errors.ts'
import { closest } from './closest.ts'
import { UsageError } from './exit.ts'
import { namedVerb, VERBS } from './verbs.ts'

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
  return `${oneLine(line)}${meantPart(argv)}: ${helpHint(namedVerb(argv))}`
}

/** `bench sweeep URL` has a word too many, and it is not the URL. */
function meantPart([verb, word = '']: readonly string[]): string {
  const parts = VERBS.find(({ name }) => name === verb)?.parts?.map(({ name }) => name) ?? []
  const near = parts.includes(word) ? undefined : closest(word, parts)
  return near ? ` (did you mean ${near}?)` : ''
}

function helpHint(verb: string | undefined): string {
  return `see ${['warpline', verb, '--help'].filter(Boolean).join(' ')}`
}

function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ')
}
