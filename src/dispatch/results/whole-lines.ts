import { closeSync, openSync, readSync } from 'node:fs'

/** Bytes. */
const CHUNK = 2 ** 20
const NEWLINE = 10

export interface WholeLine {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Where the next one begins, in bytes. */
  readonly end: number
}

/** A file's lines, without their ends. What stands behind the last line end was torn off when its writer was killed, and is no line. */
export function* wholeLines(path: string): Generator<WholeLine> {
  const file = openSync(path, 'r')
  try {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const begun: Buffer[] = []
    let number = 0
    let end = 0
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      let from = 0
      for (let newline = chunk.indexOf(NEWLINE); newline >= 0 && newline < length; ) {
        const bytes = Buffer.concat([...begun, chunk.subarray(from, newline)])
        begun.length = 0
        end += bytes.length + 1
        yield { text: bytes.toString(), number: ++number, end }
        from = newline + 1
        newline = chunk.indexOf(NEWLINE, from)
      }
      if (from < length) begun.push(Buffer.from(chunk.subarray(from, length)))
    }
  } finally {
    closeSync(file)
  }
}
