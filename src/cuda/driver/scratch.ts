import koffi from 'koffi'

/**
 * Room for what functions give by address, one for each thread: read before the next call.
 * Four slots of 8 bytes, then bytes for names.
 */
const memory = new ArrayBuffer(512)
const words = new Uint32Array(memory)
const ints = new Int32Array(memory)
const floats = new Float32Array(memory)

/** Address of slot 0. */
export const OUT = addressOf(memory)
/** Address of slot 1. */
export const OUT2 = OUT + 8

/** Slot 0 or 1 as a signed int. */
export function outInt(slot: 0 | 1 = 0): number {
  return ints[2 * slot]!
}

export function outFloat(): number {
  return floats[0]!
}

/** A slot as a handle, an address or a size, all below 2^53. */
export function outNumber(slot: 0 | 1 | 2 = 0): number {
  return words[2 * slot]! + words[2 * slot + 1]! * 2 ** 32
}

/** The first `length` bytes. */
export function outBytes(length: number): Buffer {
  return Buffer.from(memory.slice(0, length))
}

/** The text that begins at slot 0. */
export function outText(): string {
  const bytes = Buffer.from(memory)
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

/** Where bytes lie in this process, as a number: addresses of user space are below 2^47. */
export function addressOf(bytes: ArrayBuffer | ArrayBufferView): number {
  return Number(koffi.address(bytes))
}
