import { FormatError } from '../errors.ts'
import { InputFile } from '../file.ts'
import { quote } from '../quote.ts'
import { bytesOf, FLOAT_DTYPES, isFloatDtype } from './dtype.ts'
import { readFloats } from './floats.ts'
import { readHeader, type StoredTensor } from './header.ts'
import type { TensorSource } from './tensor-source.ts'

/**
 * One `.safetensors` file. Opening reads the header alone; tensors are read when asked for.
 *
 * @example
 * using file = new SafetensorsFile('model.safetensors')
 * const norm = file.read('model.norm.weight')
 */
export class SafetensorsFile implements TensorSource {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly #file: InputFile

  /** @throws FormatError when the file cannot be read or breaks the format anywhere. */
  constructor(readonly path: string) {
    this.#file = new InputFile(path)
    try {
      this.tensors = readHeader(this.#file)
    } catch (error) {
      this.#file[Symbol.dispose]()
      throw error
    }
  }

  read(name: string, first = 0, count?: number, into?: Float32Array): Float32Array {
    const tensor = this.#tensor(name)
    const { dtype, position } = tensor
    if (!isFloatDtype(dtype)) {
      throw new FormatError(
        this.path,
        `tensor ${quote(name)} holds ${dtype}; floats are read from ${FLOAT_DTYPES.join(', ')}`,
      )
    }
    const elements = tensor.shape.reduce((product, size) => product * size, 1)
    const wanted = count ?? elements - first
    if (!(first >= 0 && wanted >= 0 && first + wanted <= elements)) {
      throw new RangeError(`elements ${first} … ${first + wanted} of ${quote(name)}, which has ${elements}`)
    }
    const floats = into === undefined ? new Float32Array(wanted) : into.subarray(0, wanted)
    if (floats.length < wanted)
      throw new RangeError(`${wanted} elements of ${quote(name)} do not fit into ${floats.length}`)
    readFloats(floats, dtype, stored => this.#file.read(stored, position + bytesOf(dtype, first)!))
    return floats
  }

  /** All of a tensor as it is stored, whatever its type. */
  readBytes(name: string): Uint8Array<ArrayBuffer> {
    const { bytes, position } = this.#tensor(name)
    const stored = new Uint8Array(bytes)
    this.#file.read(stored, position)
    return stored
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }

  #tensor(name: string): StoredTensor {
    const tensor = this.tensors.get(name)
    if (tensor === undefined) throw new FormatError(this.path, `has no tensor ${quote(name)}`)
    return tensor
  }
}
