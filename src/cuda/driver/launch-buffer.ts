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
const STREAM = 32
const ATTRIBUTES = 40
const ATTRIBUTE_COUNT = 48
const ATTRIBUTE = 56
const ATTRIBUTE_VALUE = 64
const POINTERS = 128

/** Grid, block, shared memory and arguments of a launch, laid out as the driver reads them. */
export class LaunchBuffer {
  readonly view: DataView
  /** Address of the CUlaunchConfig. */
  readonly config: number
  /** Address of the addresses of the arguments. */
  readonly parameters: number
  readonly #argumentsAt: number
  readonly #words: Uint32Array
  #stream = 0

  constructor(count: number) {
    const memory = new ArrayBuffer(POINTERS + 16 * count)
    this.view = new DataView(memory)
    this.#words = new Uint32Array(memory)
    this.config = addressOf(memory)
    this.parameters = this.config + POINTERS
    this.#argumentsAt = POINTERS + 8 * count
    for (let i = 0; i < count; i++) writeNumber64(this.view, POINTERS + 8 * i, this.config + this.argumentAt(i))
    writeNumber64(this.view, ATTRIBUTES, this.config + ATTRIBUTE)
  }

  /** Offset of argument `index` in `view`. */
  argumentAt(index: number): number {
    return this.#argumentsAt + 8 * index
  }

  setShape(grid: readonly number[], block: readonly number[], sharedBytes: number, overlap: boolean): void {
    const values = [...grid, ...block, sharedBytes]
    for (const [i, value] of values.entries()) this.view.setUint32(4 * i, value, true)
    this.view.setUint32(ATTRIBUTE_COUNT, overlap ? 1 : 0, true)
    this.view.setUint32(ATTRIBUTE, LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, true)
    this.view.setInt32(ATTRIBUTE_VALUE, 1, true)
  }

  /** Costs nothing where it is the stream of last time. */
  setStream(stream: StreamHandle): void {
    if (stream === this.#stream) return
    this.#stream = stream
    this.#words[STREAM / 4] = stream >>> 0
    this.#words[STREAM / 4 + 1] = stream / 2 ** 32
  }
}

/** Writes an address or a size below 2^53 as u64. */
export function writeNumber64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true)
  view.setUint32(at + 4, value / 2 ** 32, true)
}
