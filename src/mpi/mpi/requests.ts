import type { MpiError } from '../errors.ts'
import type { MpiLibrary } from '../library/load-library.ts'
import { addressOf } from '../library/memory.ts'
import { errorOf } from './error-of.ts'

/** A request that MPI works on; it holds the memory that MPI reads or writes. */
export interface Active {
  /** Where it lies in the table, which moves it. */
  slot: number
  /** Nobody waits for it any more, but MPI has not done with its memory. */
  givenUp: boolean
  /** The communicator that it belongs to. */
  readonly owner: object
  complete(): void
  fail(error: MpiError): void
}

const FIRST_CAPACITY = 64

/** All requests that are under way, as one dense array of MPI's, so that a single call asks for all of them. */
export class Requests {
  readonly #library: MpiLibrary
  /** Of a handle and of an MPI_Status, in 32-bit words. */
  readonly #handleWords: number
  readonly #statusWords: number
  readonly #active: Active[] = []
  #givenUp = 0
  #capacity = 0
  #handles = new Int32Array(0)
  #handlesAt = 0
  /** How many are over, then which. */
  #indices = new Int32Array(0)
  #indicesAt = 0
  #statuses = new Int32Array(0)
  #statusesAt = 0

  constructor(library: MpiLibrary) {
    this.#library = library
    this.#handleWords = library.abi.handle === 'int32_t' ? 1 : 2
    this.#statusWords = library.abi.status.bytes / 4
    this.#grow(FIRST_CAPACITY)
  }

  /** How many somebody waits for. */
  get awaited(): number {
    return this.#active.length - this.#givenUp
  }

  /** Begins a request by a call that writes its handle at an address. It may be over when this returns. @throws MpiError */
  begin(active: Active, call: string, start: (request: number) => number): void {
    const slot = this.#active.length
    if (slot === this.#capacity) this.#grow(2 * this.#capacity)
    const at = this.#handlesAt + 4 * slot * this.#handleWords
    const code = start(at)
    if (code !== 0) throw errorOf(this.#library, code, call)
    active.slot = slot
    this.#active.push(active)
    const tested = this.#library.functions.MPI_Test(at, this.#indicesAt, this.#statusesAt)
    if (tested !== 0 || this.#indices[0] !== 0) this.#settle(active, tested)
  }

  /** Settles those that are over. @returns whether there were any */
  poll(): boolean {
    if (this.#active.length === 0) return false
    const { functions, abi } = this.#library
    const [count, indices] = [this.#indicesAt, this.#indicesAt + 4]
    const code = functions.MPI_Testsome(this.#active.length, this.#handlesAt, count, indices, this.#statusesAt)
    const over = this.#indices[0]!
    if (code !== 0 && over <= 0) {
      // It says nothing of any of them: none can be waited for.
      for (const active of [...this.#active]) this.#settle(active, code)
      return true
    }
    if (over <= 0) return false
    // Those that are over leave, and others take their places: which they are comes first.
    const settled = Array.from({ length: over }, (_, i) => ({
      active: this.#active[this.#indices[1 + i]!]!,
      code: code === 0 ? 0 : this.#statuses[i * this.#statusWords + abi.status.error]!,
    }))
    for (const each of settled) this.#settle(each.active, each.code)
    return true
  }

  /** Nobody waits any more for those of this owner, or for any. They stay, as MPI may still use their memory. */
  giveUp(error: MpiError, owner?: object): void {
    for (const active of this.#active) {
      if (active.givenUp || (owner !== undefined && active.owner !== owner)) continue
      active.givenUp = true
      this.#givenUp++
      active.fail(error)
    }
  }

  /** Whether MPI still works for this owner. */
  has(owner: object): boolean {
    return this.#active.some(active => active.owner === owner)
  }

  #settle(active: Active, code: number): void {
    this.#remove(active)
    active.slot = -1
    if (active.givenUp) this.#givenUp--
    else if (code === 0) active.complete()
    else active.fail(errorOf(this.#library, code, 'the transfer failed'))
  }

  /** The last takes its place. */
  #remove({ slot }: Active): void {
    const last = this.#active.pop()!
    if (last.slot === slot) return
    const words = this.#handleWords
    this.#handles.copyWithin(slot * words, last.slot * words, (last.slot + 1) * words)
    last.slot = slot
    this.#active[slot] = last
  }

  #grow(capacity: number): void {
    const handles = this.#handles
    ;[this.#handles, this.#handlesAt] = ints(capacity * this.#handleWords)
    ;[this.#indices, this.#indicesAt] = ints(1 + capacity)
    ;[this.#statuses, this.#statusesAt] = ints(capacity * this.#statusWords)
    this.#handles.set(handles)
    this.#capacity = capacity
  }
}

function ints(length: number): [Int32Array<ArrayBuffer>, number] {
  const memory = new ArrayBuffer(4 * length)
  return [new Int32Array(memory), addressOf(memory)]
}
