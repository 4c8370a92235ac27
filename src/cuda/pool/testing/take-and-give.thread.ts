import { parentPort, workerData } from 'node:worker_threads'
import { PoolBook, type PoolPiece } from '../pool-book.ts'

/** Pieces that are kept at a time. */
const KEPT = 20

const { shared, memory, mark, rounds } = workerData as {
  shared: SharedArrayBuffer
  memory: SharedArrayBuffer
  /** What this thread writes into its pieces, not 0. */
  mark: number
  rounds: number
}
const book = new PoolBook(shared)
const words = new Int32Array(memory)
const held: PoolPiece[] = []
let clashes = 0

/** Writes into every word of a piece, and counts those that do not hold what they should. */
function write(piece: PoolPiece, value: number, expected: number): void {
  for (let at = piece.pointer / 4; at < (piece.pointer + piece.bytes) / 4; at++)
    if (Atomics.exchange(words, at, value) !== expected) clashes++
}

const grow = (): never => {
  throw new Error('the slab is large enough')
}
for (let i = 0; i < rounds; i++) {
  const piece = book.take(4 * (1 + ((i * mark) % 97)), grow)
  write(piece, mark, 0)
  held.push(piece)
  if (held.length <= KEPT) continue
  const [old] = held.splice((i * 7) % held.length, 1)
  write(old!, 0, mark)
  book.give(old!)
}
parentPort?.postMessage({ clashes, held: held.length })
