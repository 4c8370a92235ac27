import type { CudaContext, DeviceMemory, DevicePointer, Stream } from '../cuda/index.ts'
import type { KitBuffer } from './entry.ts'
import { type Bits, decodeAll, FORMATS } from './numbers.ts'

/** Behind every buffer, so that writes beyond its end are seen. */
const GUARD_BYTES = 256
const GUARD = 0xa5
/** No float is a number with these bits, and no result that is left out looks right. */
const POISON = 0xff

/** Random values that are repeated where a buffer is only to be read, not looked at. */
const PATTERN_LENGTH = 1 << 16

/** An entry's buffers on the card. */
export class PlacedBuffers implements Disposable {
  readonly at: Readonly<Record<string, DevicePointer>>
  readonly #memory = new Map<string, DeviceMemory>()

  constructor(
    context: CudaContext,
    private readonly buffers: Readonly<Record<string, KitBuffer>>,
    private readonly stream: Stream,
  ) {
    try {
      for (const [name, buffer] of Object.entries(buffers)) {
        this.#memory.set(name, context.allocate(bytesOf(buffer) + GUARD_BYTES))
      }
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
    this.at = Object.fromEntries([...this.#memory].map(([name, { pointer }]) => [name, pointer]))
  }

  /** Random inputs, poisoned outputs, guards behind all. Returns the inputs' values. */
  fill(random: () => number): Readonly<Record<string, Float64Array>> {
    const inputs: Record<string, Float64Array> = {}
    for (const [name, buffer] of Object.entries(this.buffers)) {
      const pointer = this.at[name]!
      this.stream.fill(pointer, POISON, bytesOf(buffer))
      this.stream.fill(pointer + bytesOf(buffer), GUARD, GUARD_BYTES)
      if (buffer.role === 'out') continue
      const bits = randomBits(buffer, buffer.length, random)
      this.stream.copyToDevice(pointer, bits)
      inputs[name] = decodeAll(buffer.type, bits)
    }
    return inputs
  }

  /** Random values over and over: quick, for buffers of any size. */
  fillWithPattern(random: () => number): void {
    for (const [name, buffer] of Object.entries(this.buffers)) {
      if (buffer.role === 'out') continue
      const pattern = randomBits(buffer, Math.min(PATTERN_LENGTH, buffer.length), random)
      this.stream.copyToDevice(this.at[name]!, pattern)
      const total = bytesOf(buffer)
      for (let done = pattern.byteLength; done < total; done *= 2) {
        this.stream.copy(this.at[name]! + done, this.at[name]!, Math.min(done, total - done))
      }
    }
    this.stream.synchronize()
  }

  /** What a buffer holds now. */
  read(name: string): Float64Array {
    const buffer = this.buffers[name]!
    const bits = FORMATS[buffer.type].bits(new ArrayBuffer(bytesOf(buffer)))
    this.stream.copyToHost(bits, this.at[name]!)
    this.stream.synchronize()
    return decodeAll(buffer.type, bits)
  }

  /** A buffer beyond whose end something was written. */
  overrun(): string | undefined {
    return Object.entries(this.buffers).find(([name, buffer]) => {
      const guard = new Uint8Array(GUARD_BYTES)
      this.stream.copyToHost(guard, this.at[name]! + bytesOf(buffer))
      this.stream.synchronize()
      return guard.some(byte => byte !== GUARD)
    })?.[0]
  }

  [Symbol.dispose](): void {
    for (const memory of this.#memory.values()) memory[Symbol.dispose]()
    this.#memory.clear()
  }
}

export function bytesOf({ type, length }: Pick<KitBuffer, 'type' | 'length'>): number {
  return FORMATS[type].bytes * length
}

function randomBits({ type, range }: KitBuffer, length: number, random: () => number): Bits {
  const { bytes, bits, encode } = FORMATS[type]
  const isWhole = /^[ui]\d/.test(type)
  const [low, high] = range ?? (isWhole ? [0, type === 'i8' ? 127 : 255] : [-1, 1])
  const values = bits(new ArrayBuffer(bytes * length))
  for (let i = 0; i < length; i++) {
    values[i] = encode(isWhole ? low + Math.floor(random() * (high - low + 1)) : low + random() * (high - low))
  }
  return values
}
