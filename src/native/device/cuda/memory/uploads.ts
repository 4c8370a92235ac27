import type { CudaContext, DeviceMemory, PinnedMemory, Stream } from '../../../../cuda/index.ts'
import { convert, quantise, restore } from '../operations/convert.ts'
import { fillRandom } from '../operations/random.ts'
import type { Toolbox } from '../program/lowering.ts'
import type { StepMemory } from '../step/step-memory.ts'
import { type CudaTensor, type CudaWeight, ELEMENT_BYTES } from '../tensor.ts'
import type { Tools } from '../tools.ts'

/** Values on their way at a time: as many as the loader reads. */
const PIECE = 2 ** 21

/** Uploads work on no step. */
const NO_STEP: StepMemory = {
  tokens: 0,
  positions: 0,
  slots: 0,
  sequences: 0,
  blockTables: 0,
  maxBlocks: 0,
  logitRows: 0,
  singles: 0,
  everyToken: 0,
  tiles: 0,
  drawn: 0,
}

/** Values between the host, where they are floats, and the card, which converts them to what they are kept as. */
export class Uploads implements Disposable {
  readonly #tools: Tools
  #host: PinnedMemory | undefined
  #card: DeviceMemory | undefined

  constructor(
    private readonly context: CudaContext,
    private readonly stream: Stream,
    toolbox: Toolbox,
  ) {
    this.#tools = { ...toolbox, step: NO_STEP }
  }

  /** Values for elements `offset` and on. */
  tensor(to: CudaTensor, values: Float32Array | Int32Array, offset: number): void {
    if (offset + values.length > to.elements) {
      throw new RangeError(`a tensor of ${to.elements} values cannot take ${values.length} from ${offset} on`)
    }
    const { type } = to
    for (let at = 0; at < values.length; at += PIECE) {
      const piece = values.subarray(at, at + PIECE)
      const target = to.pointer + (offset + at) * ELEMENT_BYTES[type]
      if (type === 'i32') this.#send(target, Int32Array.from(piece))
      else if (type === 'f32') this.#send(target, Float32Array.from(piece))
      else {
        const from = this.#sendFloats(Float32Array.from(piece))
        convert(this.#tools, { to: target, type, from, count: piece.length }).enqueue(this.stream)
      }
      this.stream.synchronize()
    }
  }

  /** Whole rows of a weight. */
  weight(to: CudaWeight, firstRow: number, values: Float32Array): void {
    const [out, inner] = to.shape
    if (values.length % inner !== 0 || firstRow * inner + values.length > out * inner) {
      throw new RangeError(`weight [${out}, ${inner}]: cannot take ${values.length} values from row ${firstRow} on`)
    }
    const rowsAtATime = Math.max(1, Math.floor(PIECE / inner))
    for (let row = 0; row < values.length / inner; row += rowsAtATime) {
      const piece = values.subarray(row * inner, (row + rowsAtATime) * inner)
      const from = this.#sendFloats(piece)
      const first = firstRow + row
      const { storage, pointer } = to
      const target = pointer + first * inner * ELEMENT_BYTES[storage]
      const operation =
        storage === 'int8' || storage === 'fp8'
          ? quantise(this.#tools, { weight: to, firstRow: first, rows: piece.length / inner, from })
          : convert(this.#tools, { to: target, type: storage, from, count: piece.length })
      operation.enqueue(this.stream)
      this.stream.synchronize()
    }
  }

  random(to: CudaWeight | CudaTensor, first: number, count: number, key: number, scale: number): void {
    fillRandom(this.#tools, { to, first, count, key, scale }).enqueue(this.stream)
  }

  /** The first `elements` values. */
  download(from: CudaTensor, elements: number): Float32Array {
    const values = new Float32Array(elements)
    if (from.type === 'i32') {
      const integers = new Int32Array(elements)
      this.stream.copyToHost(integers, from.pointer)
      this.stream.synchronize()
      return Float32Array.from(integers)
    }
    for (let at = 0; at < elements; at += PIECE) {
      const piece = values.subarray(at, at + PIECE)
      const source = from.pointer + at * ELEMENT_BYTES[from.type]
      const floats = this.#cardRoom(piece.byteLength)
      const request = { to: floats, from: source, type: from.type, count: piece.length }
      if (from.type !== 'f32') restore(this.#tools, request).enqueue(this.stream)
      this.stream.copyToHost(piece, from.type === 'f32' ? source : floats)
      this.stream.synchronize()
    }
    return values
  }

  /** Gives back what only loading needs; taken again where it is needed again. */
  [Symbol.dispose](): void {
    this.#host?.[Symbol.dispose]()
    this.#card?.[Symbol.dispose]()
    this.#host = undefined
    this.#card = undefined
  }

  /** Address of the floats, once they are there. */
  #sendFloats(values: Float32Array): number {
    const at = this.#cardRoom(values.byteLength)
    this.#send(at, values)
    return at
  }

  #send(to: number, values: Float32Array | Int32Array): void {
    if (this.#host === undefined || this.#host.bytes < values.byteLength) {
      this.#host?.[Symbol.dispose]()
      this.#host = this.context.allocatePinned(Math.max(values.byteLength, PIECE * 4))
    }
    new Uint8Array(this.#host.buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    this.stream.copyToDevice(to, this.#host, values.byteLength)
  }

  #cardRoom(bytes: number): number {
    if (this.#card === undefined || this.#card.bytes < bytes) {
      this.#card?.[Symbol.dispose]()
      this.#card = this.context.allocate(Math.max(bytes, PIECE * 4))
    }
    return this.#card.pointer
  }
}
