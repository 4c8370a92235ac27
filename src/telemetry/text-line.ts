import { WarplineError } from '../errors.ts'
import { escapeControls } from '../escape-controls.ts'

/** How far an error's causes are followed: they may go in a circle. */
const CAUSES = 4

/**
 * A record for people. Only the frames of an error that nobody throws on purpose take lines of their own, indented:
 * without them nobody could find its cause.
 */
export function textLine(level: string, fields: Readonly<Record<string, unknown>>, message: string): string {
  let line = `${localTime(new Date())} ${level.padEnd(5)} ${message}`
  let frames: readonly string[] = []
  for (const name in fields) {
    const value = fields[name]
    if (value === undefined) continue
    line += ` ${name}=${shown(value)}`
    if (value instanceof Error && !(value instanceof WarplineError)) frames = framesOf(value)
  }
  return [line, ...frames].map(escapeControls).join('\n')
}

/** `12:03:11.042`; ISO's form, moved to the local zone. */
function localTime(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(11, 23)
}

/** As it is where that is unmistakable, else in quotes. */
function shown(value: unknown): string {
  if (value instanceof Error) return quoted(told(value, CAUSES))
  if (typeof value === 'string') return /^[^\s"=\\]+$/.test(value) ? value : quoted(value)
  if (typeof value === 'object' && value !== null) return inJson(value)
  return String(value)
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function inJson(value: object): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return '[cannot be shown]'
  }
}

function told({ name, message, cause }: Error, causes: number): string {
  const own = message ? `${name}: ${message}` : name
  return cause instanceof Error && causes > 0 ? `${own}; because of ${told(cause, causes - 1)}` : own
}

function framesOf(error: Error): readonly string[] {
  return (error.stack ?? '').split('\n').filter(line => line.startsWith('    at '))
}
