import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { NotResumableError } from './errors.ts'
import { type WholeLine, wholeLines } from './whole-lines.ts'

const FORMAT = 'warpline-dispatch-journal/1'

/** Which run a journal and the results beside it are of. */
export interface JournalHeader {
  /** Of the prompts and settings. */
  readonly digest: string
  readonly jobs: number
}

/** Beside the results, for as long as some are missing or failed. */
export const journalOf = (path: string): string => `${path}.partial`

/** Makes a journal of these lines, whole or not at all; one that is there is replaced. */
export function writeJournal(path: string, header: JournalHeader, lines: Iterable<string>): void {
  const file = openSync(`${path}.new`, 'w')
  try {
    writeFileSync(file, `${JSON.stringify({ format: FORMAT, ...header })}\n`)
    for (const line of lines) writeFileSync(file, line)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
  syncFolder(path)
}

/** A journal's lines behind its header. @throws NotResumableError, where it is no journal or another run's */
export function* readJournal(path: string, { digest, jobs }: JournalHeader): Generator<WholeLine> {
  const lines = wholeLines(path)
  const first = lines.next()
  const header = first.done ? undefined : headerOf(first.value.text)
  if (header?.format !== FORMAT) throw new NotResumableError(path, 'it is no journal of a dispatch')
  if (header.digest !== digest || header.jobs !== jobs)
    throw new NotResumableError(path, 'it is of other prompts, or of these with other settings')
  yield* lines
}

/** A name that came or went is there, or gone, after a loss of power too. */
export function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function headerOf(text: string): Partial<JournalHeader & { readonly format: string }> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
