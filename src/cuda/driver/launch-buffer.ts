import { LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION } from './constants.ts'
import type { StreamHandle } from './functions.ts'
import { addressOf } from './scratch.ts'

/*
 * What cuLaunchKernelEx reads, in one piece of memory:
 *
 *     0  CUlaunchConfig: grid x y z, block x y z, dynamic shared bytes (u32 each), pad, stream, attributes (u64 each),
 *        how many attributes (u32), pad
 *    56  CUlaunchAttribute: id (u32), pad, value (64 bytes)
 *   128  addresses of the arguments, u64 each
 *        the arguments, 8 bytes each
 */
const SHARED_BYTES = 24
const STREAM = 32
const ATTRIBUTES = 40
const ATTRIBUTE_COUNT = 48
const ATTRIBUTE = 56
const ATTRIBUTE_VALUE = 64
const POINTERS = 128

/** Many launches share a piece of memory, zeros at first: making one, and asking where it lies, costs more than filling it. */
class Slab {
  readonly view: DataView
  readonly words: Uint32Array
  readonly address: number
  used = 0

  constructor(readonly bytes: number) {
    const memory = new ArrayBuffer(bytes)
    this.view = new DataView(memory)
    this.words = new Uint32Array(memory)
    this.address = addressOf(memory)
  }
}

const SLAB_BYTES = 2 ** 16

/** Where launches of this thread are laid; older ones live as long as a launch in them. */
let slab: Slab | undefined

/** Grid, block, shared memory and arguments of a launch, laid out as the driver reads them. */
export class LaunchBuffer {
  /** The launch is in it from `start` on. */
  readonly view: DataView
  readonly start: number
  /** Address of the CUlaunchConfig. */
  readonly config: number
  /** Address of the addresses of the arguments. */
  readonly parameters: number
  readonly #words: Uint32Array
  readonly #argumentsAt: number
  #stream = 0

  constructor(count: number) {
    const bytes = POINTERS + 16 * count
    if (slab === undefined || slab.used + bytes > slab.bytes) slab = new Slab(Math.max(SLAB_BYTES, bytes))
    const { view, words, address, used: start } = slab
    slab.used += bytes
    this.view = view
    this.start = start
    this.#words = words
    this.config = address + start
    this.parameters = this.config + POINTERS
    this.#argumentsAt = start + POINTERS + 8 * count
    this.#set64(ATTRIBUTES, this.config + ATTRIBUTE)
    for (let i = 0; i < count; i++) this.#set64(POINTERS + 8 * i, this.parameters + 8 * (count + i))
  }

  /** Offset of argument `index` in `view`. */
  argumentAt(index: number): number {
    return this.#argumentsAt + 8 * index
  }

  setShape(grid: readonly number[], block: readonly number[], sharedBytes: number, overlap: boolean): void {
    for (let i = 0; i < 3; i++) {
      this.#set(4 * i, grid[i]!)
      this.#set(12 + 4 * i, block[i]!)
    }
    this.#set(SHARED_BYTES, sharedBytes)
    this.#set(ATTRIBUTE_COUNT, overlap ? 1 : 0)
    this.#set(ATTRIBUTE, LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION)
    this.#set(ATTRIBUTE_VALUE, 1)
  }

  /** Costs nothing where it is the stream of last time. */
  setStream(stream: StreamHandle): void {
    if (stream === this.#stream) return
    this.#stream = stream
    this.#set64(STREAM, stream)
  }

  #set(at: number, value: number): void {
    this.#words[(this.start + at) >>> 2] = value
  }

  #set64(at: number, value: number): void {
    this.#set(at, value >>> 0)
    this.#set(at + 4, value / 2 ** 32)
  }
}

/** Writes an address or a size below 2^53 as u64. */
export function writeNumber64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true)
  view.setUint32(at + 4, value / 2 ** 32, true)
}
