import { type CudaContext, kernel, type Stream } from '../../../cuda/index.ts'
import type { KernelLibrary } from './kernels/kernel-library.ts'
import type { Tools } from './tools.ts'

/** What the card does at best, measured here and now: what every other figure is a fraction of. */
export interface Ceilings {
  /** Bytes per second, reading memory once. */
  readonly readBytesPerSecond: number
  /** Operations per second of a large bf16 product. */
  readonly bf16OperationsPerSecond: number
}

/** Of the kit, where it is held to its twin. */
const readAll = kernel('readAll', { x: 'pointer', n: 'u32', out: 'pointer' })
const READ_THREADS = 512
const READ_WAVES = [2, 4, 8]

/** More than any cache holds; less where the card has little left. */
const READ_BYTES = 4 * 2 ** 30
const SIDE = 8192
const REPEATS = 5

/** Takes a few GiB of the card for a moment, `most` bytes of it, and some 50 ms. */
export function measureCeilings(
  context: CudaContext,
  stream: Stream,
  library: KernelLibrary,
  matmul: Tools['matmul'],
  most = READ_BYTES,
): Ceilings {
  const { free } = context.memory()
  const bytes = 2 ** Math.floor(Math.log2(Math.min(most, free / 2)))
  using room = context.allocate(bytes)
  const { multiprocessors } = context.device
  using out = context.allocate(4 * multiprocessors * Math.max(...READ_WAVES))
  fillRandom(stream, room.pointer, bytes)
  const read = library.get('kit/ceilings.cu', readAll, {})
  const args = { x: room, n: bytes / 16, out }
  const launches = READ_WAVES.map(waves => read.prepare({ grid: multiprocessors * waves, block: READ_THREADS }, args))
  const readSeconds = Math.min(...launches.map(launch => fastest(context, stream, () => stream.enqueue(launch))))
  return {
    readBytesPerSecond: bytes / readSeconds,
    bf16OperationsPerSecond: productRate(context, stream, matmul, room.pointer, bytes),
  }
}

function productRate(context: CudaContext, stream: Stream, matmul: Tools['matmul'], at: number, bytes: number): number {
  const side = Math.min(SIDE, 2 ** Math.floor(Math.log2(Math.sqrt(bytes / 6))))
  const operand = { type: 'bf16', rows: side, columns: side } as const
  const plan = matmul.plan({ m: side, n: side, k: side, a: operand, b: { ...operand, transposed: true }, d: operand })
  const size = side * side * 2
  const pointers = { a: at, b: at + size, d: at + 2 * size }
  return (2 * side ** 3) / fastest(context, stream, () => plan.enqueue(stream, pointers))
}

/** Seconds, by the card's own clock. */
function fastest(context: CudaContext, stream: Stream, enqueue: () => void): number {
  const [before, after] = [context.createEvent(), context.createEvent()]
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < REPEATS; i++) {
    stream.record(before)
    enqueue()
    stream.record(after)
    stream.synchronize()
    best = Math.min(best, after.elapsedMs(before) / 1000)
  }
  return best
}

/** Normal bf16 numbers of all signs: products of zeros run faster than any real ones. */
function fillRandom(stream: Stream, at: number, bytes: number): void {
  const piece = new Uint16Array(Math.min(2 ** 20, bytes / 2))
  let state = 1
  for (let i = 0; i < piece.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    piece[i] = 0x3c00 | (state >>> 25) | ((state >>> 9) & 0x8000) | ((state >>> 8) & 0x0300)
  }
  const size = piece.byteLength
  stream.copyToDevice(at, piece)
  for (let done = size; done < bytes; done *= 2) stream.copy(at + done, at, Math.min(done, bytes - done))
  stream.synchronize()
}
