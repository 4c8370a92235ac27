import assert from 'node:assert/strict'
import type { Communicator, Transfer } from '../communicator.ts'
import { MpiError, type MpiErrorKind } from '../errors.ts'

/** What every communicator must do. All ranks run `run` at once; it throws where something is wrong. */
export interface ConformanceCase {
  readonly name: string
  /** Ranks that it takes at least. Default 1. */
  readonly ranks?: number
  run(world: Communicator): Promise<void>
}

export const MEBIBYTE = 2 ** 20

export const text = (words: string) => Buffer.from(words)

/** The rank after this one, in a ring. */
export const next = ({ rank, size }: Communicator) => (rank + 1) % size

/** The rank before this one, in a ring. */
export const before = ({ rank, size }: Communicator) => (rank + size - 1) % size

export const later = () => new Promise<void>(resolve => setImmediate(resolve))

/** @throws where `call` is not refused as one of these */
export async function fails(
  kinds: MpiErrorKind | readonly MpiErrorKind[],
  call: () => Promise<unknown>,
): Promise<void> {
  let value: unknown
  try {
    value = await call()
  } catch (error) {
    if (error instanceof MpiError && [kinds].flat().includes(error.kind)) return
    throw error
  }
  assert.fail(`should be refused as ${kinds}, and gave ${JSON.stringify(value)}`)
}

/** Resolves once `test` says so. */
export async function over(transfer: Transfer<unknown>): Promise<void> {
  while (!transfer.test()) await later()
}

/** Bytes that differ by place and seed. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 0xff
  return bytes
}
