import { Roster } from '../collections/index.ts'
import type { Tenant } from './request.ts'
import { TenantState } from './tenant-state.ts'

/** Below so many, those at rest are not looked for. */
const FEW = 1024

/** What is kept of all tenants, by name; those of whom nothing needs to be known are forgotten. */
export class Tenants {
  readonly #states = new Map<string, TenantState>()
  readonly #active = new Roster<TenantState>()
  #sweepAt = FEW
  #activeWeight = 0

  /** Called when a tenant's limits have changed. */
  constructor(private readonly changed: (tenant: TenantState) => void) {}

  /** Those who run or wait. */
  get active(): Iterable<TenantState> {
    return this.#active
  }

  /** `counterOfNew`: where the counter of a new one begins. */
  of({ name, limits }: Tenant, counterOfNew: number, now: number): TenantState {
    let state = this.#states.get(name)
    if (state === undefined) {
      if (this.#states.size >= this.#sweepAt) this.#sweep(counterOfNew, now)
      state = new TenantState(name, now)
      this.#states.set(name, state)
    }
    if (state.setLimits(limits, now)) {
      this.refresh(state)
      this.changed(state)
    }
    return state
  }

  /** To be called when a tenant begins to run or wait, or ceases to. */
  refresh(tenant: TenantState): void {
    const weight = tenant.isActive ? tenant.weight : 0
    if (weight === tenant.activeWeight) return
    if (weight === 0) this.#active.delete(tenant)
    else if (tenant.activeWeight === 0) this.#active.add(tenant)
    this.#activeWeight = this.#active.size === 0 ? 0 : this.#activeWeight + weight - tenant.activeWeight
    tenant.activeWeight = weight
  }

  /** A tenant's fair part, 0…1: its weight, over that of all who are active and its own. */
  fairShare(tenant: TenantState): number {
    return tenant.weight / (this.#activeWeight - tenant.activeWeight + tenant.weight)
  }

  #sweep(counterOfNew: number, now: number): void {
    for (const [name, state] of this.#states) if (state.isAtRest(counterOfNew, now)) this.#states.delete(name)
    this.#sweepAt = Math.max(FEW, 2 * this.#states.size)
  }
}
