import { SharedLock } from './shared-lock.ts'

/*
 * The book of a pool lies in one SharedArrayBuffer: words (lock, lists, counters), then for every block its address and
 * bytes, then its neighbours in memory, its place among the free ones, and whether it is taken.
 */
const LOCK = 0
/** First block that is free, and first record that describes no block. */
const FREE = 1
const SPARE = 2
const ALLOCATIONS = 3
const BLOCKS = 4
const WORDS = 8

/** Numbers that are sums of sizes, in f64. */
const RESERVED = 0
const USED = 1
const PEAK = 2
const TOTALS = 4

const NONE = -1

export interface PoolStatistics {
  /** Bytes taken from the card. */
  readonly reserved: number
  /** Bytes handed out, rounded up to the alignment. */
  readonly used: number
  /** Most bytes that were handed out at once. */
  readonly peak: number
  /** Pieces that are handed out. */
  readonly allocations: number
  /** Free bytes outside the largest free piece, of all free bytes: 0 where one piece holds all that is free. */
  readonly fragmentation: number
}

/** A piece that is handed out: where it is, and which record describes it. */
export interface PoolPiece {
  readonly pointer: number
  readonly bytes: number
  readonly block: number
}

/**
 * Which parts of large pieces of memory are free: best fit, free neighbours joined at once. Threads that share the
 * buffer share the book. Knows addresses only, so it needs no card.
 */
export class PoolBook {
  readonly #lock: SharedLock
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #totals: Float64Array<SharedArrayBuffer>
  readonly #address: Float64Array<SharedArrayBuffer>
  readonly #bytes: Float64Array<SharedArrayBuffer>
  /** Neighbours within a slab. */
  readonly #before: Int32Array<SharedArrayBuffer>
  readonly #after: Int32Array<SharedArrayBuffer>
  /** Neighbours in the list of free blocks, or of spare records. */
  readonly #previous: Int32Array<SharedArrayBuffer>
  readonly #next: Int32Array<SharedArrayBuffer>
  readonly #taken: Int32Array<SharedArrayBuffer>

  /** @param capacity most pieces, free and taken together. */
  static create(capacity = 65536): PoolBook {
    const doubles = TOTALS + 2 * capacity
    const book = new PoolBook(new SharedArrayBuffer(doubles * 8 + (WORDS + 5 * capacity) * 4))
    book.#words[FREE] = NONE
    book.#words[SPARE] = 0
    for (let i = 0; i < capacity; i++) book.#next[i] = i + 1 < capacity ? i + 1 : NONE
    return book
  }

  /** The same book, in another thread. */
  constructor(readonly shared: SharedArrayBuffer) {
    const capacity = (shared.byteLength - TOTALS * 8 - WORDS * 4) / 36
    let end = 0
    const part = (bytes: number): number => {
      end += bytes
      return end - bytes
    }
    const doubles = (length: number) => new Float64Array(shared, part(length * 8), length)
    const ints = (length: number) => new Int32Array(shared, part(length * 4), length)
    this.#totals = doubles(TOTALS)
    this.#address = doubles(capacity)
    this.#bytes = doubles(capacity)
    this.#words = ints(WORDS)
    this.#before = ints(capacity)
    this.#after = ints(capacity)
    this.#previous = ints(capacity)
    this.#next = ints(capacity)
    this.#taken = ints(capacity)
    this.#lock = new SharedLock(this.#words, LOCK)
  }

  /**
   * The smallest free piece that holds `bytes`, cut to size. Without one, `grow` takes another slab from wherever
   * memory comes from; it runs under the lock, so that threads do not all grow at once.
   */
  take(bytes: number, grow: () => { readonly address: number; readonly bytes: number }): PoolPiece {
    return this.#lock.hold(() => {
      const found = this.#bestFit(bytes)
      const block = found === NONE ? this.#addSlab(grow(), bytes) : found
      this.#unlist(block)
      this.#cut(block, bytes)
      this.#taken[block] = 1
      this.#words[ALLOCATIONS]!++
      this.#totals[USED]! += this.#bytes[block]!
      this.#totals[PEAK] = Math.max(this.#totals[PEAK]!, this.#totals[USED]!)
      return { pointer: this.#address[block]!, bytes: this.#bytes[block]!, block }
    })
  }

  /** @throws RangeError for what is not handed out. */
  give({ block, pointer }: PoolPiece): void {
    this.#lock.hold(() => {
      if (this.#taken[block] !== 1 || this.#address[block] !== pointer)
        throw new RangeError(`the pool has not handed out ${pointer.toString(16)}: is it given back twice?`)
      this.#taken[block] = 0
      this.#words[ALLOCATIONS]!--
      this.#totals[USED]! -= this.#bytes[block]!
      let first = block
      const before = this.#before[block]!
      if (before !== NONE && this.#taken[before] === 0) {
        this.#unlist(before)
        this.#join(before, block)
        first = before
      }
      const after = this.#after[first]!
      if (after !== NONE && this.#taken[after] === 0) {
        this.#unlist(after)
        this.#join(first, after)
      }
      this.#list(first)
    })
  }

  get statistics(): PoolStatistics {
    return this.#lock.hold(() => {
      let free = 0
      let largest = 0
      for (let i = this.#words[FREE]!; i !== NONE; i = this.#next[i]!) {
        free += this.#bytes[i]!
        largest = Math.max(largest, this.#bytes[i]!)
      }
      return {
        reserved: this.#totals[RESERVED]!,
        used: this.#totals[USED]!,
        peak: this.#totals[PEAK]!,
        allocations: this.#words[ALLOCATIONS]!,
        fragmentation: free === 0 ? 0 : 1 - largest / free,
      }
    })
  }

  /** Of equal ones, that of the lowest address, so that the upper end empties. */
  #bestFit(bytes: number): number {
    let best = NONE
    for (let i = this.#words[FREE]!; i !== NONE; i = this.#next[i]!) {
      const size = this.#bytes[i]!
      if (size < bytes) continue
      if (best === NONE || size < this.#bytes[best]! || (size === this.#bytes[best] && this.#isBefore(i, best)))
        best = i
    }
    return best
  }

  #isBefore(a: number, b: number): boolean {
    return this.#address[a]! < this.#address[b]!
  }

  #addSlab(slab: { readonly address: number; readonly bytes: number }, bytes: number): number {
    if (slab.bytes < bytes) throw new RangeError(`a slab of ${slab.bytes} bytes cannot hold ${bytes}`)
    const block = this.#record(slab.address, slab.bytes, NONE, NONE)
    this.#totals[RESERVED]! += slab.bytes
    this.#list(block)
    return block
  }

  /** Leaves `bytes` of a block, and lists the rest as free; leaves it whole where no record is left for the rest. */
  #cut(block: number, bytes: number): void {
    const rest = this.#bytes[block]! - bytes
    if (rest === 0 || this.#words[SPARE] === NONE) return
    const after = this.#after[block]!
    const cut = this.#record(this.#address[block]! + bytes, rest, block, after)
    if (after !== NONE) this.#before[after] = cut
    this.#after[block] = cut
    this.#bytes[block] = bytes
    this.#list(cut)
  }

  /** `second` becomes part of `first`, which lies right before it. */
  #join(first: number, second: number): void {
    const after = this.#after[second]!
    this.#bytes[first]! += this.#bytes[second]!
    this.#after[first] = after
    if (after !== NONE) this.#before[after] = first
    this.#next[second] = this.#words[SPARE]!
    this.#words[SPARE] = second
    this.#words[BLOCKS]!--
  }

  #record(address: number, bytes: number, before: number, after: number): number {
    const record = this.#words[SPARE]!
    if (record === NONE) throw new RangeError(`the pool is in ${this.#words[BLOCKS]} pieces, and has room for no more`)
    this.#words[SPARE] = this.#next[record]!
    this.#words[BLOCKS]!++
    this.#address[record] = address
    this.#bytes[record] = bytes
    this.#before[record] = before
    this.#after[record] = after
    this.#taken[record] = 0
    return record
  }

  #list(block: number): void {
    const first = this.#words[FREE]!
    this.#previous[block] = NONE
    this.#next[block] = first
    if (first !== NONE) this.#previous[first] = block
    this.#words[FREE] = block
  }

  #unlist(block: number): void {
    const previous = this.#previous[block]!
    const next = this.#next[block]!
    if (previous === NONE) this.#words[FREE] = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
  }
}
