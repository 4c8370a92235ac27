import type { CudaContext } from '../context.ts'
import type { DeviceMemory } from '../device-memory.ts'
import type { DevicePointer } from '../parameters.ts'
import { PoolBook, type PoolPiece, type PoolStatistics } from './pool-book.ts'

export interface MemoryPoolOptions {
  /** Bytes taken from the card at a time; 64 MiB unless told. Larger pieces get a slab of their own size. */
  readonly slabBytes?: number
  /** Divides every address and size; 256 unless told. */
  readonly alignment?: number
  /** The book of another thread's pool (`MemoryPool.shared`): both then hand out the same memory. */
  readonly shared?: SharedArrayBuffer
}

/**
 * A card's memory handed out in pieces, without a call of the driver where a free piece fits. Worker threads may share
 * one pool, and give back what another took. Slabs are kept until the pool that took them is disposed of; that of the
 * thread that ends last.
 */
export class MemoryPool implements Disposable {
  readonly #book: PoolBook
  readonly #slabs: DeviceMemory[] = []
  readonly #slabBytes: number
  readonly #alignment: number

  constructor(
    readonly context: CudaContext,
    { slabBytes = 64 * 2 ** 20, alignment = 256, shared }: MemoryPoolOptions = {},
  ) {
    this.#slabBytes = slabBytes
    this.#alignment = alignment
    this.#book = shared ? new PoolBook(shared) : PoolBook.create()
  }

  /** For the same pool in another thread. */
  get shared(): SharedArrayBuffer {
    return this.#book.shared
  }

  get statistics(): PoolStatistics {
    return this.#book.statistics
  }

  /** @throws CudaError `CUDA_ERROR_OUT_OF_MEMORY` where the pool must grow and cannot. */
  allocate(bytes: number): PooledMemory {
    const size = Math.max(1, Math.ceil(bytes / this.#alignment)) * this.#alignment
    return new PooledMemory(
      this.#book,
      this.#book.take(size, () => this.#grow(size)),
    )
  }

  /** Memory that another thread's `PooledMemory` told the `piece` of. */
  adopt(piece: PoolPiece): PooledMemory {
    return new PooledMemory(this.#book, piece)
  }

  [Symbol.dispose](): void {
    for (const slab of this.#slabs.splice(0)) slab[Symbol.dispose]()
  }

  #grow(bytes: number): { address: number; bytes: number } {
    const slab = this.context.allocate(Math.max(bytes, this.#slabBytes))
    this.#slabs.push(slab)
    return { address: slab.pointer, bytes: slab.bytes }
  }
}

/** A piece of a pool. What the card still does with it must be done before it is disposed of. */
export class PooledMemory implements Disposable {
  #disposed = false

  constructor(
    private readonly book: PoolBook,
    /** Can be sent to another thread. */
    readonly piece: PoolPiece,
  ) {}

  get pointer(): DevicePointer {
    return this.piece.pointer
  }

  get bytes(): number {
    return this.piece.bytes
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    this.book.give(this.piece)
  }
}
