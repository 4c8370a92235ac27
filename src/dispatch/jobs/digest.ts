import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

/** Bytes. */
const CHUNK = 2 ** 20

/** SHA-256 of settings, in whatever order they are named, and a file's bytes. What is undefined is as if it were not there. */
export function digestOf(path: string, settings: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha256').update(`${JSON.stringify(sorted(settings))}\n`)
  const file = openSync(path, 'r')
  try {
    const chunk = Buffer.allocUnsafe(CHUNK)
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk))
      hash.update(chunk.subarray(0, length))
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
