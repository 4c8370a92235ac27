/** Points for a member of weight 1: shares are then even to about a tenth. */
const POINTS = 128
/** Heavier ones count as this, as points take memory. */
const MOST_WEIGHT = 64

/** As much of the weight a point's owner may exceed its share by. 1.25 is what Mirrokni et al. and most routers take. */
const BOUND = 1.25
/** Below so many requests for a weight of 1 nobody is full: with few, a bound would move them by chance alone. */
const LEAST_BOUND = 8

/** What stands on a {@link HashRing}. */
export interface Member {
  readonly name: string
  readonly weight: number
  /** In flight. */
  readonly requests: number
}

/**
 * Consistent hashing: a key goes to the member whose point follows it on the ring, so that a member that comes or goes moves
 * no more than its own share. With bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018), whoever has more than 1.25
 * times its share of the requests is passed over.
 */
export class HashRing {
  readonly #weights = new Map<string, number>()
  /** Ascending, and whose each is. */
  #points = new Uint32Array(0)
  #owners: string[] = []

  /** The key's own member, and where that is full, the next on the ring that is not. One member at least. */
  place<M extends Member>(members: readonly M[], key: number): { readonly member: M; readonly own: boolean } {
    this.#know(members)
    let weights = 0
    let requests = 1
    for (const member of members) {
      weights += member.weight
      requests += member.requests
    }
    const here = new Map(members.map(member => [member.name, member]))
    let own: M | undefined
    for (let i = 0, at = this.#after(key); i < this.#owners.length; i++, at++) {
      const member = here.get(this.#owners[at % this.#owners.length]!)
      if (member === undefined) continue
      own ??= member
      const bound = Math.max(Math.ceil((BOUND * requests * member.weight) / weights), LEAST_BOUND * member.weight)
      if (member.requests < bound) return { member, own: member === own }
      here.delete(member.name)
      if (here.size === 0) break
    }
    return { member: own ?? members[0]!, own: true }
  }

  delete(name: string): void {
    if (this.#weights.delete(name)) this.#build()
  }

  /** Members that are not told of keep their points: who is away for a while comes back to the same keys. */
  #know(members: readonly Member[]): void {
    let changed = false
    for (const { name, weight } of members) {
      if (this.#weights.get(name) === weight) continue
      this.#weights.set(name, weight)
      changed = true
    }
    if (changed) this.#build()
  }

  #build(): void {
    const points: { readonly at: number; readonly owner: string }[] = []
    for (const [owner, weight] of this.#weights) {
      const count = Math.max(1, Math.round(POINTS * Math.min(weight, MOST_WEIGHT)))
      for (let i = 0; i < count; i++) points.push({ at: hashOf(`${owner}#${i}`), owner })
    }
    points.sort((a, b) => a.at - b.at || (a.owner < b.owner ? -1 : 1))
    this.#points = Uint32Array.from(points, ({ at }) => at)
    this.#owners = points.map(({ owner }) => owner)
  }

  /** The place of the first point at `key` or beyond. */
  #after(key: number): number {
    let low = 0
    let high = this.#points.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#points[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** 32 bits, all of them spread evenly: FNV-1a, and MurmurHash3's finaliser over it. */
export function hashOf(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return spread(h)
}

/** MurmurHash3's finaliser: what differs in one bit differs in half of them. */
export function spread(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
