import { CommanderError } from 'commander'
import { WarplineError } from '../errors.ts'
import { isListenError, UsageError } from './exit.ts'
import { VERBS } from './verbs.ts'

/** One line that names the cause and says what to do. */
export function explain(error: unknown, argv: readonly string[], verb: string | undefined): string {
  if (error instanceof CommanderError) return explainCommandLine(error, argv)
  if (error instanceof UsageError) return `${oneLine(error.message)}: ${helpHint(verb)}`
  if (error instanceof WarplineError) return oneLine(error.message)
  if (isListenError(error)) return explainListen(error)
  const message = error instanceof Error ? error.message : String(error)
  return `${oneLine(message)} (WARPLINE_DEBUG=1 shows where)`
}

function explainCommandLine({ message }: CommanderError, argv: readonly string[]): string {
  const line = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/, ' (did you mean $1?)')
    .replace(/\.$/, '')
  return `${oneLine(line)}: ${helpHint(VERBS.find(({ name }) => name === argv[0])?.name)}`
}

const LISTEN_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: choose another with --port, or 0 for any that is free',
  EACCES: 'is not allowed to you: choose a port above 1023 with --port',
  EADDRNOTAVAIL: 'is not an address of this machine: choose another with --host',
}

function explainListen(error: NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string }): string {
  const { code = '', address, port, hostname } = error
  const hint = LISTEN_HINTS[code]
  if (hint) return `${address?.includes(':') ? `[${address}]` : address}:${port} ${hint}`
  return `the host ${hostname ?? address} is not known here: choose another with --host`
}

function helpHint(verb: string | undefined): string {
  return `see ${['warpline', verb, '--help'].filter(Boolean).join(' ')}`
}

function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ')
}
