import { rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Clock, systemClock } from '../../clock/index.ts'
import type { JobResult } from '../job-result.ts'
import { AppendFile } from './append-file.ts'
import { type EarlierRun, hasEarlierRun, takeUp } from './earlier-run.ts'
import { OutputExistsError, OutputFailedError } from './errors.ts'
import { type JournalHeader, journalOf, syncFolder, writeJournal } from './journal.ts'
import { lineOf } from './result-line.ts'

export interface ResultFileOptions {
  readonly path: string
  readonly jobs: number
  /** Of the prompts and settings: who resumes must have the same. */
  readonly digest: string
  /** Go on where an earlier run ended, if there was one. Default false. */
  readonly resume?: boolean
  /** Replace what is there. Default false. */
  readonly force?: boolean
  /** What was written is on the disk so many ms later; a loss of power costs no more. Default 200. */
  readonly flushMs?: number
  readonly clock?: Clock
  /** Results can no longer be written: nothing that comes from now on is kept. Comes once. */
  readonly onFailure?: (error: OutputFailedError) => void
}

/**
 * Results as JSON, one a line, in the order of the jobs, written as they come. What comes before its turn waits in memory, and
 * in a journal beside (`FILE.partial`), so that a process that is killed loses none of it; a later run with `resume` goes on
 * from both. Once all is well done, the journal is gone.
 *
 * @example
 * const file = await ResultFile.open({ path: 'results.jsonl', jobs: jobs.length, digest: jobs.digest, resume: true })
 * const scheduler = new Scheduler({ jobs: jobs.length, ranks, isDone: job => file.has(job) })
 * file.add(result)
 * await file.close()
 */
export class ResultFile implements AsyncDisposable {
  /** Jobs that an earlier run has done. */
  readonly doneBefore: number
  readonly #header: JournalHeader
  readonly #has: Uint8Array
  readonly #early: Map<number, string>
  readonly #results: AppendFile
  readonly #journal: AppendFile
  #next: number
  #count: number
  #notOk = 0
  #failure: OutputFailedError | undefined
  #closed: Promise<void> | undefined

  /** @throws OutputExistsError, NotResumableError, OutputFailedError */
  static async open(options: ResultFileOptions): Promise<ResultFile> {
    const { path, resume = false } = options
    try {
      const earlier = resume && hasEarlierRun(path) ? takeUp(path, options) : await begin(options)
      return new ResultFile(options, earlier, await open(path, 'a'), await open(journalOf(path), 'a'))
    } catch (error) {
      throw error instanceof Error && 'syscall' in error ? new OutputFailedError(path, error) : error
    }
  }

  private constructor(
    private readonly options: ResultFileOptions,
    { prefix, early }: EarlierRun,
    results: FileHandle,
    journal: FileHandle,
  ) {
    const { path, digest, jobs, flushMs = 200, clock = systemClock, onFailure } = options
    this.#header = { digest, jobs }
    this.#early = early
    this.#next = prefix
    this.#has = new Uint8Array(jobs).fill(1, 0, prefix)
    for (const index of early.keys()) this.#has[index] = 1
    this.doneBefore = this.#count = prefix + early.size
    const appendOptions = {
      clock,
      flushMs,
      onFailure: (error: Error) => {
        if (this.#failure !== undefined) return
        this.#failure = new OutputFailedError(path, error)
        onFailure?.(this.#failure)
      },
    }
    this.#results = new AppendFile(results, appendOptions)
    this.#journal = new AppendFile(journal, appendOptions)
    this.#writeDue()
  }

  /** Whether there is a result; before the first `add`: whether an earlier run has done it. */
  has(index: number): boolean {
    return this.#has[index] === 1
  }

  /** Jobs without a result. */
  get missing(): number {
    return this.#header.jobs - this.#count
  }

  /** Results that wait in memory for their turn. */
  get early(): number {
    return this.#early.size
  }

  /** Keeps a job's only result; in memory, until this turn of the event loop is over. @throws OutputFailedError, RangeError */
  add(result: JobResult): void {
    if (this.#failure !== undefined) throw this.#failure
    const { index, ok } = result
    if (this.#closed !== undefined) throw new RangeError('the results are closed')
    if (this.#has[index] !== 0) throw new RangeError(`job ${index} has its result, or is none`)
    this.#has[index] = 1
    this.#count++
    if (!ok) this.#notOk++
    const line = lineOf(result)
    this.#early.set(index, line)
    if (index === this.#next) this.#writeDue()
    else this.#journal.append(line)
  }

  /** Resolves when all that was added is on the disk. @throws OutputFailedError */
  async flush(): Promise<void> {
    await Promise.all([this.#results.flush(), this.#journal.flush()])
    if (this.#failure !== undefined) throw this.#failure
  }

  /**
   * Resolves when all is on the disk, and nothing more comes. Where jobs are missing, results whose turn has not come stand behind the others, still in
   * order; they, and those that failed, are why the journal stays. Idempotent. @throws OutputFailedError
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #writeDue(): void {
    for (let line = this.#early.get(this.#next); line !== undefined; line = this.#early.get(this.#next)) {
      this.#results.append(line)
      this.#early.delete(this.#next++)
    }
  }

  async #close(): Promise<void> {
    const { path } = this.options
    const journal = journalOf(path)
    await this.#journal.close()
    for (const index of [...this.#early.keys()].sort((a, b) => a - b)) this.#results.append(this.#early.get(index)!)
    await this.#results.close()
    if (this.#failure !== undefined) throw this.#failure
    if (this.missing > 0 || this.#notOk > 0) writeJournal(journal, this.#header, [])
    else {
      rmSync(journal)
      syncFolder(journal)
    }
  }
}

/** In this order: whoever is killed in between leaves nothing that a resumed run would take for its own. */
async function begin({ path, digest, jobs, force = false }: ResultFileOptions): Promise<EarlierRun> {
  if (!force && hasEarlierRun(path)) throw new OutputExistsError(path)
  if (force) rmSync(path, { force: true })
  await (await open(path, 'a')).close()
  writeJournal(journalOf(path), { digest, jobs }, [])
  return { prefix: 0, early: new Map() }
}
