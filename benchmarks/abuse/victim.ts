import { setTimeout as sleep } from 'node:timers/promises'
import type { AdmissionSnapshot } from '../../src/admission/index.ts'
import { Child } from '../serve/child.ts'

/** What the server under attack tells of itself. */
export interface State {
  /** Requests that are being answered. */
  readonly inFlight: number
  readonly engine: { readonly running: number; readonly waiting: number; readonly requests: number }
  readonly admission: AdmissionSnapshot
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>
}

/** Requests with it get very long words. */
export const VERBOSE_SEED = 4096

/** Longer than any patience of the server, in ms. */
const RECOVERY_MS = 90_000

/** A server under attack, in a process of its own. */
export class Victim implements AsyncDisposable {
  private constructor(private readonly child: Child) {}

  static async start(settings: object = {}): Promise<Victim> {
    return new Victim(await Child.start('../abuse/abuse.server.ts', settings))
  }

  get port(): number {
    return this.child.port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  state(): Promise<State> {
    return this.child.ask<State>('state')
  }

  /** Of all it knows, whether this holds; looked at again and again. */
  async until(holds: (state: State) => boolean, ms = RECOVERY_MS): Promise<State> {
    const end = performance.now() + ms
    for (;;) {
      const state = await this.state()
      if (holds(state) || performance.now() > end) return state
      await sleep(20)
    }
  }

  /** Resident, in bytes, once garbage was collected: the least of a few looks, as memory goes back bit by bit. */
  async memory(): Promise<number> {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < 3; i++) {
      await this.child.collect()
      least = Math.min(least, (await this.child.resources()).rssBytes)
      await sleep(100)
    }
    return least
  }

  /** Milliseconds that `/health` took, if it was well. */
  async health(): Promise<number> {
    const begin = performance.now()
    const response = await fetch(`${this.url}/health`, { headers: { Connection: 'close' } })
    await response.text()
    return response.status === 200 ? performance.now() - begin : Number.POSITIVE_INFINITY
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.child[Symbol.asyncDispose]()
  }
}

export function isIdle({ inFlight, engine, admission }: State): boolean {
  return inFlight + engine.running + engine.waiting + admission.running + admission.waiting === 0
}
