import type { FileHandle } from 'node:fs/promises'
import type { Clock } from '../../clock/index.ts'

/**
 * About, in characters: all that waited may be more than one string can hold, and making bytes of much more would hold the
 * event loop up for longer than a millisecond.
 */
const LARGEST_WRITE = 2 ** 20

export interface AppendFileOptions {
  readonly clock: Clock
  /** What was written is on the disk so many ms later, if the disk keeps up. */
  readonly flushMs: number
  /** Comes once; nothing is written after it. */
  readonly onFailure: (error: Error) => void
}

/**
 * Text at a file's end: all that comes in one turn of the event loop is one write, and what comes while one is under way is
 * the next. A process that is killed loses what came in its last turn; a machine that loses power, the last `flushMs`.
 */
export class AppendFile {
  #waiting: string[] = []
  #writing: Promise<void> | undefined
  #syncing: Promise<void> | undefined
  #unsynced = false
  #syncedAt = Number.NEGATIVE_INFINITY
  #cancelSync: (() => void) | undefined
  #failed = false

  constructor(
    private readonly handle: FileHandle,
    private readonly options: AppendFileOptions,
  ) {}

  append(text: string): void {
    if (this.#failed) return
    this.#waiting.push(text)
    this.#writing ??= this.#write()
  }

  /** Resolves when all that was appended is on the disk, or the file has failed. */
  async flush(): Promise<void> {
    await this.#writing
    this.#cancelSync?.()
    this.#cancelSync = undefined
    await this.#syncing
    await this.#sync()
  }

  async close(): Promise<void> {
    await this.flush()
    await this.handle.close()
  }

  async #write(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    try {
      while (this.#waiting.length > 0) {
        const texts = this.#waiting
        this.#waiting = []
        for (const text of writes(texts)) {
          if (this.#failed) break
          await this.handle.appendFile(text)
          this.#unsynced = true
          this.#syncSoon()
        }
      }
    } catch (error) {
      this.#fail(error as Error)
    }
    this.#writing = undefined
  }

  #syncSoon(): void {
    const { clock, flushMs } = this.options
    this.#cancelSync ??= clock.at(this.#syncedAt + flushMs, () => {
      this.#cancelSync = undefined
      this.#syncing ??= this.#sync().finally(() => {
        this.#syncing = undefined
      })
    })
  }

  async #sync(): Promise<void> {
    if (this.#unsynced && !this.#failed) {
      this.#unsynced = false
      try {
        await this.handle.datasync()
      } catch (error) {
        this.#fail(error as Error)
      }
      this.#syncedAt = this.options.clock.now()
    }
    // What was written meanwhile.
    if (this.#unsynced && !this.#failed) this.#syncSoon()
  }

  #fail(error: Error): void {
    if (this.#failed) return
    this.#failed = true
    this.#waiting = []
    this.options.onFailure(error)
  }
}

/** All of it, joined to strings that are one write each. */
function* writes(texts: readonly string[]): Generator<string> {
  let from = 0
  let length = 0
  for (const [i, text] of texts.entries()) {
    length += text.length
    if (length < LARGEST_WRITE && i < texts.length - 1) continue
    yield texts.slice(from, i + 1).join('')
    from = i + 1
    length = 0
  }
}
