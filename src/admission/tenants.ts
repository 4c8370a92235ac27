import type { Tenant } from './request.ts'
import { TenantState } from './tenant-state.ts'

/** Below so many, those at rest are not looked for. */
const FEW = 1024

/** What is kept of all tenants, by name; those of whom nothing needs to be known are forgotten. */
export class Tenants {
  readonly #states = new Map<string, TenantState>()
  #sweepAt = FEW

  /** Called when a tenant's limits have changed. */
  constructor(private readonly changed: (tenant: TenantState) => void) {}

  /** `counterOfNew`: where the counter of a new one begins. */
  of({ name, limits }: Tenant, counterOfNew: number, now: number): TenantState {
    let state = this.#states.get(name)
    if (state === undefined) {
      if (this.#states.size >= this.#sweepAt) this.#sweep(counterOfNew, now)
      state = new TenantState(name)
      this.#states.set(name, state)
    }
    if (state.setLimits(limits, now)) this.changed(state)
    return state
  }

  #sweep(counterOfNew: number, now: number): void {
    for (const [name, state] of this.#states) if (state.isAtRest(counterOfNew, now)) this.#states.delete(name)
    this.#sweepAt = Math.max(FEW, 2 * this.#states.size)
  }
}
