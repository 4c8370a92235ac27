import type { TenantState } from './tenant-state.ts'
import type { Tenants } from './tenants.ts'
import type { Throughput } from './throughput.ts'

/** A tenant is taken to want so many times what it gets, up to its fair part. */
const GROWTH = 1.2
/** Claims are looked at again after so long, as there are as many as tenants. */
const FRESH_MS = 100

/** How fast a single tenant's requests are served, as far as that can be told. */
export class Pace {
  #claimed = 0
  #claimedAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly tenants: Tenants,
    private readonly throughput: Throughput,
  ) {}

  /**
   * Tokens per millisecond: its fair part of the engine and what others leave of theirs, but no more than it may run
   * at once.
   */
  of(tenant: TenantState, now: number): number {
    if (now - this.#claimedAt >= FRESH_MS) this.#look(now)
    const fair = this.tenants.fairShare(tenant)
    const share = Math.max(fair, 1 - Math.max(0, this.#claimed - tenant.claim))
    const alone = this.throughput.times.throughput(tenant.concurrency) ?? Number.POSITIVE_INFINITY
    return Math.min(this.throughput.perMs(now) * share, alone)
  }

  #look(now: number): void {
    const engine = this.throughput.perMs(now)
    this.#claimed = 0
    this.#claimedAt = now
    for (const tenant of this.tenants.active) {
      const wanted = engine > 0 ? (tenant.served.perMs(now) / engine) * GROWTH : 1
      tenant.claim = Math.min(wanted, this.tenants.fairShare(tenant))
      this.#claimed += tenant.claim
    }
  }
}
