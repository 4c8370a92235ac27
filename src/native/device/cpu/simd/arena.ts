import { ModelLoadError } from '../../../../engine/index.ts'
import type { MemoryBudget, MemoryPurpose } from '../../device.ts'
import { CONTROL_BYTES } from './control.ts'
import { Memory, PAGE, type SharedMemory } from './webassembly.ts'

/** What 32-bit addresses reach. */
const LIMIT = 2 ** 32
/** A cache line: no two allocations share one. */
const ALIGNMENT = 64
/** Pages are backed once they are written, so a generous step costs nothing but saves calls. */
const GROWTH = 64 * 2 ** 20

/** The one memory that all threads share, handed out from the bottom and never taken back. */
export class Arena {
  readonly memory: SharedMemory
  floats!: Float32Array
  ints!: Int32Array
  halves!: Uint16Array
  bytes!: Int8Array
  #top = CONTROL_BYTES
  #budget = { weights: 0, 'kv-cache': 0, activations: 0, workspace: 0 }

  constructor() {
    try {
      this.memory = new Memory({ initial: 1, maximum: LIMIT / PAGE, shared: true })
    } catch (cause) {
      throw new ModelLoadError('the CPU device cannot reserve 4 GiB of addresses: raise the limit (ulimit -v)', {
        cause,
      })
    }
    this.#view()
  }

  get budget(): MemoryBudget {
    return { ...this.#budget }
  }

  /**
   * The address of `bytes` bytes of zeros.
   *
   * @throws ModelLoadError when the memory cannot be had.
   */
  take(bytes: number, purpose: MemoryPurpose): number {
    const at = this.#top
    const top = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT
    if (top > LIMIT) throw new ModelLoadError(exhausted(bytes, at, purpose))
    const missing = top - this.memory.buffer.byteLength
    if (missing > 0) this.#grow(missing, bytes, purpose)
    this.#top = top
    this.#budget[purpose] += bytes
    return at
  }

  #grow(missing: number, bytes: number, purpose: MemoryPurpose): void {
    const room = LIMIT - this.memory.buffer.byteLength
    try {
      this.memory.grow(Math.ceil(Math.min(room, Math.max(missing, GROWTH)) / PAGE))
    } catch (cause) {
      throw new ModelLoadError(`this machine cannot give the CPU device another ${mebibytes(bytes)} for ${purpose}`, {
        cause,
      })
    }
    this.#view()
  }

  #view(): void {
    const { buffer } = this.memory
    this.floats = new Float32Array(buffer)
    this.ints = new Int32Array(buffer)
    this.halves = new Uint16Array(buffer)
    this.bytes = new Int8Array(buffer)
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}

function exhausted(bytes: number, taken: number, purpose: MemoryPurpose): string {
  return `the CPU device holds 4 GiB, of which ${mebibytes(taken)} are taken, so ${mebibytes(bytes)} more for ${purpose} do not fit: store the weights as int8 or choose a smaller context`
}
