export interface TenantTotal {
  requests: number
  promptTokens: number
  completionTokens: number
}

/** What each tenant was given since the start, requests that did not end well included. There are as many as keys. */
export class TenantTotals {
  readonly #totals = new Map<string, TenantTotal>()

  add(tenant: string, promptTokens: number, completionTokens: number): void {
    let total = this.#totals.get(tenant)
    if (total === undefined) {
      total = { requests: 0, promptTokens: 0, completionTokens: 0 }
      this.#totals.set(tenant, total)
    }
    total.requests++
    total.promptTokens += promptTokens
    total.completionTokens += completionTokens
  }

  [Symbol.iterator](): Iterator<[tenant: string, total: Readonly<TenantTotal>]> {
    return this.#totals.entries()
  }
}
