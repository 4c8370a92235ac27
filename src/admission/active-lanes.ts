import { Roster } from '../collections/index.ts'
import type { Lane } from './lane.ts'

/** The tenants that run or wait in one class, and what is the fair part of each. */
export class ActiveLanes {
  readonly #lanes = new Roster<Lane>()
  #weight = 0

  get lanes(): Iterable<Lane> {
    return this.#lanes
  }

  /** To be called when a tenant begins to run or wait, or ceases to, and when its weight has changed. */
  refresh(lane: Lane): void {
    const weight = lane.isActive ? lane.tenant.weight : 0
    if (weight === lane.activeWeight) return
    if (weight === 0) this.#lanes.delete(lane)
    else if (lane.activeWeight === 0) this.#lanes.add(lane)
    this.#weight = this.#lanes.size === 0 ? 0 : this.#weight + weight - lane.activeWeight
    lane.activeWeight = weight
  }

  /** A tenant's fair part, 0…1: its weight, over that of all who are active and its own. */
  fairShare({ tenant, activeWeight }: Lane): number {
    return tenant.weight / (this.#weight - activeWeight + tenant.weight)
  }
}
