import { existsSync, statSync, truncateSync } from 'node:fs'
import { NotResumableError } from './errors.ts'
import { type JournalHeader, journalOf, readJournal, writeJournal } from './journal.ts'
import { readLine } from './result-line.ts'
import { wholeLines } from './whole-lines.ts'

/** What an earlier run left, as far as it is good. */
export interface EarlierRun {
  /** Jobs 0 … `prefix` − 1 stand in the results file, and nothing else does. */
  readonly prefix: number
  /** Lines of further jobs, which stand in the journal. */
  readonly early: Map<number, string>
}

/** Whether there is something to go on with. An empty file is as good as none: a run was killed before it had a journal. */
export function hasEarlierRun(path: string): boolean {
  return existsSync(journalOf(path)) || (existsSync(path) && statSync(path).size > 0)
}

/**
 * Goes on where an earlier run ended, however it ended: what is well done is kept, what failed or was torn off is undone. The
 * results file is cut where it stops being whole, once what stands behind is in the journal; so this may itself be killed at
 * any moment, and done again.
 *
 * @throws NotResumableError, and nothing is changed
 */
export function takeUp(path: string, header: JournalHeader): EarlierRun {
  const journal = journalOf(path)
  if (!existsSync(journal))
    throw new NotResumableError(path, `it is complete, or no dispatch's: there is no ${journal} beside it`)
  const early = new Map<number, string>()
  for (const { text } of readJournal(journal, header)) {
    const line = readLine(text, header.jobs)
    if (line?.ok) early.set(line.index, `${text}\n`)
  }
  let prefix = 0
  let end = 0
  let last = -1
  if (existsSync(path))
    for (const { text, number, end: lineEnd } of wholeLines(path)) {
      const line = readLine(text, header.jobs)
      if (line === undefined || line.index <= last)
        throw new NotResumableError(`${path}:${number}`, 'that is not what a dispatch wrote')
      last = line.index
      if (line.ok && line.index === prefix) {
        prefix++
        end = lineEnd
      } else if (line.ok) early.set(line.index, `${text}\n`)
    }
  for (const index of early.keys()) if (index < prefix) early.delete(index)
  writeJournal(journal, header, early.values())
  if (existsSync(path)) truncateSync(path, end)
  return { prefix, early }
}
