import type { EngineHealth } from '../engine/index.ts'
import type { Connection } from './connection.ts'

const POLL_MS = 1000

/** Whether the server can be reached: what requests met last; while they met nobody, what asking it each second meets. */
export class Health {
  #reason: string | undefined
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly connection: Connection) {}

  get state(): EngineHealth {
    if (this.#isClosed) return { status: 'closed', reason: 'the engine was closed' }
    return this.#reason === undefined ? { status: 'ready' } : { status: 'failed', reason: this.#reason }
  }

  wasReached(): void {
    this.#reason = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  wasNotReached(reason: string): void {
    this.#reason = reason
    if (this.#timer !== undefined || this.#isClosed) return
    this.#timer = setTimeout(() => void this.#poll(), POLL_MS).unref()
  }

  close(): void {
    this.wasReached()
    this.#isClosed = true
  }

  async #poll(): Promise<void> {
    this.#timer = undefined
    try {
      await this.connection.ask('/health', undefined, POLL_MS)
      this.wasReached()
    } catch {
      if (this.#reason !== undefined) this.wasNotReached(this.#reason)
    }
  }
}
