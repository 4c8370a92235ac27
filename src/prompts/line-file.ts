import { readFileSync } from 'node:fs'
import { WorkFileError } from './work-file-error.ts'

/** More is no prompt but a file without line ends. In bytes. */
const LONGEST_LINE = 16 * 2 ** 20

const NEWLINE = 10
const RETURN = 13

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB: split it',
}

/** A file's bytes. @throws WorkFileError */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new WorkFileError(path, undefined, READ_ERRORS[code ?? ''] ?? message, { cause: error })
  }
}

/**
 * A file's lines that say something, as bytes: a file of a gigabyte takes a gigabyte, and not ten of objects. Blank lines
 * are left out; `comments` leaves out those that begin with `#` as well.
 *
 * @throws WorkFileError
 */
export class LineFile {
  readonly #bytes: Buffer
  /** Of each line: where it begins, where it ends, and its number. */
  readonly #places: number[] = []

  constructor(
    readonly path: string,
    { comments = false }: { readonly comments?: boolean } = {},
  ) {
    const bytes = readBytes(path)
    this.#bytes = bytes
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    for (let from = hasMark ? 3 : 0, number = 1; from < bytes.length; number++) {
      const newline = bytes.indexOf(NEWLINE, from)
      const end = newline < 0 ? bytes.length : newline
      if (end - from > LONGEST_LINE) throw new WorkFileError(path, number, 'the line is longer than 16 MiB')
      const first = firstOf(bytes, from, end)
      if (first < end && !(comments && bytes[first] === 35)) this.#places.push(from, end, number)
      from = end + 1
    }
  }

  get length(): number {
    return this.#places.length / 3
  }

  text(index: number): string {
    const from = this.#places[index * 3]!
    const to = this.#places[index * 3 + 1]!
    return this.#bytes.toString('utf8', from, this.#bytes[to - 1] === RETURN ? to - 1 : to)
  }

  /** What stands in the line. @throws WorkFileError */
  json(index: number): unknown {
    try {
      return JSON.parse(this.text(index))
    } catch (error) {
      throw this.error(index, `no JSON: ${(error as Error).message}`, error)
    }
  }

  error(index: number, what: string, cause?: unknown): WorkFileError {
    return new WorkFileError(this.path, this.#places[index * 3 + 2], what, { cause })
  }
}

/** Where something other than white space stands. */
function firstOf(bytes: Buffer, from: number, to: number): number {
  let at = from
  while (at < to && (bytes[at] === 32 || (bytes[at]! >= 9 && bytes[at]! <= 13))) at++
  return at
}
