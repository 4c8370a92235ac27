import { BLOCK_SIZE } from '../device/device.ts'
import { blockHash, saltHash } from './block-hashes.ts'

/** What stands before a block: the one before it or, before the first, the salt under which its prompt came. */
export type PrefixParent = PrefixNode | string

/** One full block's content, as the tokens that led to it: itself and all before it. */
export interface PrefixNode {
  readonly parent: PrefixParent
  readonly tokens: Int32Array
  /** Chained: of the parent's hash and the tokens. */
  readonly hash: number
  /** Blocks that hold this content; equal prompts computed side by side make several. */
  readonly blocks: Set<number>
}

/**
 * Finds blocks by what they hold. Nodes lie in buckets by chained hash, and a hit compares parent and tokens, so two
 * prefixes never share a block unless they are equal token by token and came under the same salt.
 */
export class PrefixIndex {
  readonly #buckets = new Map<number, PrefixNode[]>()
  readonly #nodeOf = new Map<number, PrefixNode>()

  get blocks(): number {
    return this.#nodeOf.size
  }

  /** The node of `tokens[start … start + BLOCK_SIZE)` after `parent`. */
  find(parent: PrefixParent, tokens: readonly number[], start: number): PrefixNode | undefined {
    return this.#find(this.#hash(parent, tokens, start), parent, tokens, start)
  }

  /** Records that `block` now holds that content, and returns its node. */
  add(parent: PrefixParent, tokens: readonly number[], start: number, block: number): PrefixNode {
    const hash = this.#hash(parent, tokens, start)
    let node = this.#find(hash, parent, tokens, start)
    if (node === undefined) {
      node = { parent, tokens: Int32Array.from(tokens.slice(start, start + BLOCK_SIZE)), hash, blocks: new Set() }
      const bucket = this.#buckets.get(hash)
      if (bucket === undefined) this.#buckets.set(hash, [node])
      else bucket.push(node)
    }
    node.blocks.add(block)
    this.#nodeOf.set(block, node)
    return node
  }

  /** Forgets what `block` holds. */
  remove(block: number): void {
    const node = this.#nodeOf.get(block)
    if (node === undefined) return
    this.#nodeOf.delete(block)
    node.blocks.delete(block)
    if (node.blocks.size > 0) return
    const bucket = this.#buckets.get(node.hash)!
    if (bucket.length === 1) this.#buckets.delete(node.hash)
    else bucket.splice(bucket.indexOf(node), 1)
  }

  #hash(parent: PrefixParent, tokens: readonly number[], start: number): number {
    return blockHash(typeof parent === 'string' ? saltHash(parent) : parent.hash, tokens, start)
  }

  #find(hash: number, parent: PrefixParent, tokens: readonly number[], start: number): PrefixNode | undefined {
    return this.#buckets
      .get(hash)
      ?.find(node => node.parent === parent && node.tokens.every((token, i) => token === tokens[start + i]))
  }
}
