import { BLOCK_SIZE } from '../device/device.ts'
import type { Sequence } from '../sequence.ts'
import { BlockPool } from './block-pool.ts'
import { PrefixIndex, type PrefixNode, type PrefixParent } from './prefix-index.ts'

/** Blocks that `positions` positions take. */
export function blocksFor(positions: number): number {
  return Math.ceil(positions / BLOCK_SIZE)
}

export interface PrefixMatch {
  readonly nodes: readonly PrefixNode[]
  readonly blocks: readonly number[]
}

/**
 * Hands blocks to sequences, and lets a new sequence begin with the full blocks that an earlier one left behind.
 * A block is shared only while full, so nobody writes to a shared block.
 */
export class KvCache {
  readonly #pool: BlockPool
  readonly #index = new PrefixIndex()

  constructor(
    readonly blocks: number,
    /** Off: every prompt is computed whole. */
    private readonly prefixCaching = true,
  ) {
    this.#pool = new BlockPool(blocks, block => this.#index.remove(block))
  }

  get free(): number {
    return this.#pool.free
  }

  /** Full blocks of known content, held or not. */
  get findable(): number {
    return this.#index.blocks
  }

  /**
   * The longest prefix of the sequence's tokens that is known under its salt, in whole blocks. The last token is never part of it: its
   * logits are wanted, and they come only from computing it.
   */
  match(sequence: Sequence): PrefixMatch {
    const nodes: PrefixNode[] = []
    const blocks: number[] = []
    if (!this.prefixCaching) return { nodes, blocks }
    let parent: PrefixParent = sequence.cacheSalt
    for (let start = 0; start + BLOCK_SIZE < sequence.tokens.length; start += BLOCK_SIZE) {
      const node: PrefixNode | undefined = this.#index.find(parent, sequence.tokens, start)
      if (node === undefined) break
      nodes.push(node)
      blocks.push(first(node.blocks))
      parent = node
    }
    return { nodes, blocks }
  }

  /** Free blocks that are left for others once `match` is taken. */
  freeBeside(match: PrefixMatch): number {
    return this.#pool.free - match.blocks.filter(block => this.#pool.references(block) === 0).length
  }

  /** Makes the matched blocks the beginning of a sequence that has none. */
  adopt(sequence: Sequence, match: PrefixMatch): void {
    for (const block of match.blocks) this.#pool.retain(block)
    sequence.blocks.push(...match.blocks)
    sequence.nodes.push(...match.nodes)
    sequence.computed = match.blocks.length * BLOCK_SIZE
  }

  /** Blocks for the first `positions` positions; false, and nothing taken, when there are too few. */
  grow(sequence: Sequence, positions: number): boolean {
    const missing = blocksFor(positions) - sequence.blocks.length
    if (missing > this.#pool.free) return false
    for (let i = 0; i < missing; i++) sequence.blocks.push(this.#pool.allocate())
    return true
  }

  /** Makes the full blocks of the first `positions` positions findable: they are computed, and their tokens known. */
  publish(sequence: Sequence, positions: number): void {
    if (!this.prefixCaching) return
    if (positions > sequence.tokens.length) throw new RangeError('a token that is not known cannot be found')
    const full = Math.floor(positions / BLOCK_SIZE)
    for (let i = sequence.nodes.length; i < full; i++) {
      const parent = sequence.nodes[i - 1] ?? sequence.cacheSalt
      sequence.nodes.push(this.#index.add(parent, sequence.tokens, i * BLOCK_SIZE, sequence.blocks[i]!))
    }
  }

  /** Gives all blocks back, the last first: of a prefix that is slowly forgotten, the beginning lives longest. */
  release(sequence: Sequence): void {
    for (let i = sequence.blocks.length - 1; i >= 0; i--) this.#pool.release(sequence.blocks[i]!)
    sequence.blocks.length = 0
    sequence.nodes.length = 0
    sequence.computed = 0
  }

  /** Throws unless exactly these sequences hold blocks, each block as often as it is counted. */
  checkIntegrity(sequences: Iterable<Sequence>): void {
    this.#pool.checkIntegrity()
    const holders = new Map<number, number>()
    for (const sequence of sequences) {
      for (const block of sequence.blocks) holders.set(block, (holders.get(block) ?? 0) + 1)
    }
    for (let block = 0; block < this.blocks; block++) {
      const held = holders.get(block) ?? 0
      const counted = this.#pool.references(block)
      if (held !== counted) throw new Error(`block ${block} is held ${held} times and counted ${counted} times`)
    }
  }
}

function first<T>(set: ReadonlySet<T>): T {
  for (const item of set) return item
  throw new Error('the set is empty')
}
