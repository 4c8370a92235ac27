/** Ends a linked list. */
const NIL = -1

/**
 * Who holds which KV block. A block with no holder stays on the free list, in the order in which it was released, and
 * keeps its content until it is handed out again: whoever remembers what is in it may {@link retain} it before that.
 */
export class BlockPool {
  readonly #references: Int32Array
  // The free list, oldest first, doubly linked so that a block can leave it from the middle.
  readonly #previous: Int32Array
  readonly #next: Int32Array
  #oldest = NIL
  #newest = NIL
  #free = 0

  /** @param onReuse is told of each block whose content is about to be overwritten. */
  constructor(
    readonly size: number,
    private readonly onReuse: (block: number) => void = () => {},
  ) {
    this.#references = new Int32Array(size)
    this.#previous = new Int32Array(size)
    this.#next = new Int32Array(size)
    for (let block = 0; block < size; block++) this.#append(block)
  }

  get free(): number {
    return this.#free
  }

  references(block: number): number {
    return this.#references[block]!
  }

  /** The block that has been free for longest, now held once. The caller has checked {@link free}. */
  allocate(): number {
    const block = this.#oldest
    if (block === NIL) throw new Error('BlockPool.allocate: no block is free')
    this.#unlink(block)
    this.#references[block] = 1
    this.onReuse(block)
    return block
  }

  /** One holder more; takes the block off the free list when it had none. */
  retain(block: number): void {
    if (this.#references[block] === 0) this.#unlink(block)
    this.#references[block]! += 1
  }

  release(block: number): void {
    if (this.#references[block]! <= 0) throw new Error(`BlockPool.release: block ${block} has no holder`)
    this.#references[block]! -= 1
    if (this.#references[block] === 0) this.#append(block)
  }

  /** Throws when the free list and the reference counts disagree. */
  checkIntegrity(): void {
    let listed = 0
    for (let block = this.#oldest; block !== NIL; block = this.#next[block]!) {
      if (this.#references[block] !== 0) throw new Error(`block ${block} is free and held`)
      listed++
      if (listed > this.size) throw new Error('the free list has a cycle')
    }
    const unheld = this.#references.reduce((count, references) => count + (references === 0 ? 1 : 0), 0)
    if (listed !== this.#free || unheld !== this.#free) {
      throw new Error(`free blocks: ${this.#free} counted, ${listed} listed, ${unheld} without a holder`)
    }
  }

  #append(block: number): void {
    this.#previous[block] = this.#newest
    this.#next[block] = NIL
    if (this.#newest === NIL) this.#oldest = block
    else this.#next[this.#newest] = block
    this.#newest = block
    this.#free++
  }

  #unlink(block: number): void {
    const previous = this.#previous[block]!
    const next = this.#next[block]!
    if (previous === NIL) this.#oldest = next
    else this.#next[previous] = next
    if (next === NIL) this.#newest = previous
    else this.#previous[next] = previous
    this.#free--
  }
}
