import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { FormatError } from './errors.ts'

/** Largest single `read(2)`: Node takes the length as a signed 32-bit integer. */
const MAX_READ_BYTES = 1 << 30

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ELOOP: 'is a loop of symbolic links',
  EMFILE: 'cannot be opened: this process has too many open files',
}

/** A regular file open for reading at any position; every failure is a {@link FormatError} that names it. */
export class InputFile implements Disposable {
  /** Bytes, when it was opened. */
  readonly size: number
  #descriptor: number | undefined

  /** @throws FormatError when there is no regular, readable file at `path`. */
  constructor(readonly path: string) {
    // Before opening: to open a pipe would wait for its writer.
    this.#attempt(() => requireRegular(path, statSync(path)))
    // NONBLOCK for the case that it became a pipe in between.
    this.#descriptor = this.#attempt(() => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)))
    try {
      this.size = this.#attempt(() => requireRegular(path, fstatSync(this.#open())).size)
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Fills `into` from `position` on. @throws FormatError when the file ends before that. */
  read(into: Uint8Array, position: number): void {
    let filled = 0
    while (filled < into.byteLength) {
      const length = Math.min(into.byteLength - filled, MAX_READ_BYTES)
      const bytes = this.#attempt(() => readSync(this.#open(), into, filled, length, position + filled))
      if (bytes === 0) throw new FormatError(this.path, `ended at byte ${position + filled} while it was being read`)
      filled += bytes
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor === undefined) return
    closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new FormatError(this.path, 'was closed before it was read')
    return this.#descriptor
  }

  #attempt<T>(operation: () => T): T {
    try {
      return operation()
    } catch (error) {
      if (error instanceof FormatError) throw error
      const code = (error as NodeJS.ErrnoException).code ?? ''
      throw new FormatError(this.path, REASONS[code] ?? `cannot be read (${code || (error as Error).message})`, {
        cause: error,
      })
    }
  }
}

function requireRegular<T extends { isFile(): boolean; isDirectory(): boolean }>(path: string, stats: T): T {
  if (stats.isFile()) return stats
  throw new FormatError(path, stats.isDirectory() ? 'is a directory, not a file' : 'is not a regular file')
}
