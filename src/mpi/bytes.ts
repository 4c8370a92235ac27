import type { Bytes, Numbers } from './communicator.ts'

/** What arrays may be of. */
export const NUMBER_TYPES = {
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Uint8Array,
} as const

/** The same memory. */
export function bytesOf(view: Bytes): Buffer {
  return Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength)
}

/** Of the same type, zeros; where `like` is a Buffer, a plain Uint8Array. */
export function emptyLike<T extends Numbers>(like: T, length: number): T {
  return new NUMBER_TYPES[like[Symbol.toStringTag]](length) as T
}

/** The same type with the values that lie in `bytes`, which may lie anywhere in memory. */
export function numbersFrom<T extends Numbers>(like: T, bytes: Uint8Array): T {
  const values = emptyLike(like, bytes.length / like.BYTES_PER_ELEMENT)
  bytesOf(values).set(bytes)
  return values
}
