import type { Candidate } from '../upstream.ts'
import { HashRing, spread } from './hash-ring.ts'
import { leastOf, loadsOf } from './load.ts'
import type { Ask, Choice, Policy } from './policy.ts'
import { PrefixMemory } from './prefix-memory.ts'

/** Blocks that are remembered of each engine: a million tokens, as many as the cache of a large GPU holds. */
const REMEMBERED = 2 ** 16
/** Of a prompt's blocks, for its engine to be worth looking for. */
const LEAST_MATCH = 0.3
/** An engine is too busy for more of its prefixes when it has so many tokens more than the least loaded one… */
const FAR_AHEAD_TOKENS = 8192
/** …and so many times as much. */
const FAR_AHEAD = 1.5

/**
 * Where most of the prompt was sent before, as it will lie in that engine's cache, unless that engine is far busier than
 * the others: then, as for a prompt that nobody knows, the least loaded. The two thresholds are those of SGLang's
 * cache-aware router, counted in tokens. A prompt of one block, as of an unknown vocabulary all are, has its place by
 * {@link HashRing | consistent hashing} instead.
 */
export class Prefix implements Policy {
  readonly name = 'prefix'
  readonly #memories = new Map<string, PrefixMemory>()
  readonly #ring = new HashRing()

  choose(candidates: readonly Candidate[], { blocks }: Ask): Choice {
    if (blocks.length === 1) {
      const { member, own } = this.#ring.place(candidates, spread(blocks[0]!))
      return { candidate: member, reason: own ? 'prefix' : 'load' }
    }
    const loads = loadsOf(candidates)
    const least = leastOf(candidates, loads)
    if (blocks.length === 0) return { candidate: candidates[least]!, reason: 'load' }
    const known = this.#knownBest(candidates, loads, blocks)
    if (known === undefined)
      return { candidate: candidates[this.#emptiest(candidates, loads, least)]!, reason: 'spread' }
    const ahead = loads[known]! - loads[least]! > FAR_AHEAD_TOKENS && loads[known]! > FAR_AHEAD * loads[least]!
    return ahead
      ? { candidate: candidates[least]!, reason: 'load' }
      : { candidate: candidates[known]!, reason: 'prefix' }
  }

  sent(name: string, { blocks }: Ask): void {
    let memory = this.#memories.get(name)
    if (memory === undefined) {
      memory = new PrefixMemory(REMEMBERED)
      this.#memories.set(name, memory)
    }
    memory.add(blocks)
  }

  forget(name: string): void {
    this.#memories.delete(name)
    this.#ring.delete(name)
  }

  /** Of those with the longest match the least loaded; none where no match is worth it. */
  #knownBest(
    candidates: readonly Candidate[],
    loads: readonly number[],
    blocks: readonly number[],
  ): number | undefined {
    let best: number | undefined
    let longest = 0
    for (const [i, { name }] of candidates.entries()) {
      const match = this.#memories.get(name)?.match(blocks) ?? 0
      if (match < LEAST_MATCH * blocks.length || match === 0 || match < longest) continue
      if (best === undefined || match > longest || before(candidates, loads, i, best)) best = i
      longest = match
    }
    return best
  }

  /** Of those that are as little loaded as the least, the one that remembers least: new prefixes then spread. */
  #emptiest(candidates: readonly Candidate[], loads: readonly number[], least: number): number {
    let emptiest = least
    for (const [i, candidate] of candidates.entries())
      if (loads[i] === loads[least] && this.#size(candidate) < this.#size(candidates[emptiest]!)) emptiest = i
    return emptiest
  }

  #size({ name }: Candidate): number {
    return this.#memories.get(name)?.size ?? 0
  }
}

function before(candidates: readonly Candidate[], loads: readonly number[], a: number, b: number): boolean {
  return loads[a]! < loads[b]! || (loads[a] === loads[b] && candidates[a]!.name < candidates[b]!.name)
}
