import type { Logger } from '../src/telemetry/index.ts'

export interface Entry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** A logger that keeps what it is told. */
export function recordingLogger(): Logger & { readonly entries: readonly Entry[]; messages(): readonly string[] } {
  const entries: Entry[] = []
  const at = (level: Entry['level']) => (fields: Entry['fields'], message: string) => {
    entries.push({ level, fields, message })
  }
  return {
    entries,
    messages: () => entries.map(({ message }) => message),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}
