import { pino } from 'pino'
import { escapeControls } from '../escape-controls.ts'
import { textLine } from './text-line.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const LOG_FORMATS = ['text', 'json'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** What a record tells beside its message. An error goes under `error`; what is undefined is left out. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Takes records; a pino logger is one. The message and the fields' names are the program's own words and stay the same
 * from call to call; whatever came from outside goes into the fields' values.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** Whether records of this level are written: others need not be made. Without it, all are. */
  isLevelEnabled?(level: Exclude<LogLevel, 'silent'>): boolean
}

export interface LoggerOptions {
  /** The least that is written. */
  readonly level: LogLevel
  /** `json`: an object a line, for programs. `text`: local time, level, message and `key=value`, for people. */
  readonly format: LogFormat
  /** Takes a record, without a line feed at its end. */
  readonly write: (line: string) => void
}

const nothing = () => undefined

export const noLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  isLevelEnabled: () => false,
}

/**
 * A logger that never lets a value break out of its record, whatever control characters it holds.
 *
 * @example
 * const logger = createLogger({ level: 'info', format: 'text', write: line => process.stderr.write(`${line}\n`) })
 * logger.info({ model: 'ember', tokens: 64 }, 'answered') // 12:03:11.042 info  answered model=ember tokens=64
 */
export function createLogger({ level, format, write }: LoggerOptions): Logger {
  if (level === 'silent') return noLogger
  return format === 'json' ? jsonLogger(level, write) : textLogger(level, write)
}

function jsonLogger(level: LogLevel, write: (line: string) => void): Logger {
  return pino(
    {
      level,
      base: null,
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    // pino escapes no more than JSON demands: C1 controls, say, would reach the terminal.
    { write: line => write(escapeControls(line.slice(0, -1))) },
  )
}

function textLogger(level: LogLevel, write: (line: string) => void): Logger {
  const least = LOG_LEVELS.indexOf(level)
  const isLevelEnabled = (own: LogLevel) => LOG_LEVELS.indexOf(own) >= least
  const at = (own: LogLevel) =>
    isLevelEnabled(own) ? (fields: LogFields, message: string) => write(textLine(own, fields, message)) : nothing
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), isLevelEnabled }
}
