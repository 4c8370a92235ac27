import { FormatError } from '../errors.ts'
import type { InputFile } from '../file.ts'
import { decodeUtf8, type Json, type JsonObject, parseJson } from '../json.ts'
import { isObject } from '../json-fields.ts'
import { quote } from '../quote.ts'
import { bytesOf, isDtype } from './dtype.ts'
import type { TensorInfo } from './tensor-source.ts'

export interface StoredTensor extends TensorInfo {
  /** Of the first byte, from the start of the file. */
  readonly position: number
}

const LENGTH_BYTES = 8
/** The reference implementation's bound. */
const MAX_HEADER_BYTES = 100_000_000
/** An entry is an object with two arrays in an object. */
const MAX_DEPTH = 4
const BRACE = 0x7b

/**
 * Reads and checks a safetensors header: `u64 length, JSON of that length, data`, where the tensors lie side by side
 * from the first byte of the data to the last. See https://github.com/huggingface/safetensors#format
 *
 * @throws FormatError for anything else.
 */
export function readHeader(file: InputFile): ReadonlyMap<string, StoredTensor> {
  const { path, size } = file
  if (size < LENGTH_BYTES) throw new FormatError(path, `has ${size} bytes, too few for a safetensors file`)
  const prefix = new Uint8Array(LENGTH_BYTES)
  file.read(prefix, 0)
  const length = new DataView(prefix.buffer).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES) {
    throw new FormatError(path, `says that its header has ${length} bytes; at most ${MAX_HEADER_BYTES} are read`)
  }
  if (length > size - LENGTH_BYTES) {
    throw new FormatError(path, `says that its header has ${length} bytes, but ends ${size - LENGTH_BYTES} bytes on`)
  }
  const header = new Uint8Array(Number(length))
  file.read(header, LENGTH_BYTES)
  if (header[0] !== BRACE) throw new FormatError(path, 'has a header that does not begin with "{"')
  const entries = parseJson(decodeUtf8(header, path), path, { maxDepth: MAX_DEPTH }) as JsonObject
  return layOut(path, entries, LENGTH_BYTES + header.length, size)
}

function layOut(path: string, entries: JsonObject, dataStart: number, size: number): ReadonlyMap<string, StoredTensor> {
  const found: [name: string, tensor: StoredTensor][] = []
  for (const [name, entry] of Object.entries(entries)) {
    if (name === '__metadata__') checkMetadata(path, entry)
    else found.push([name, readEntry(path, name, entry, dataStart)])
  }
  // Empty tensors first where several begin at the same byte.
  found.sort(([, a], [, b]) => a.position - b.position || a.bytes - b.bytes)
  let end = dataStart
  for (const [name, { position, bytes }] of found) {
    if (position !== end) {
      const fault = position < end ? 'overlaps the tensor before it' : 'leaves a hole before it'
      throw new FormatError(
        path,
        `tensor ${quote(name)} ${fault}: it begins at ${position - dataStart} of the data, not at ${end - dataStart}`,
      )
    }
    end += bytes
  }
  if (end > size) throw new FormatError(path, `is cut short: its tensors end at byte ${end} and the file at ${size}`)
  if (end < size) throw new FormatError(path, `has ${size - end} bytes that belong to no tensor`)
  return new Map(found)
}

function readEntry(path: string, name: string, entry: Json, dataStart: number): StoredTensor {
  const fail = (reason: string): never => {
    throw new FormatError(path, `tensor ${quote(name)} ${reason}`)
  }
  if (!isObject(entry)) return fail('is not described by an object')
  const { dtype, shape, data_offsets: offsets } = entry
  if (typeof dtype !== 'string') return fail('has no dtype')
  if (!isDtype(dtype)) return fail(`has the unknown dtype ${quote(dtype)}`)
  if (!isSizes(shape)) return fail('has a shape that is not a list of whole numbers from 0 to 2^53 - 1')
  if (!isSizes(offsets) || offsets.length !== 2) return fail('has data_offsets that are not two whole numbers')
  const [begin, end] = offsets as readonly [number, number]
  if (end < begin) return fail(`ends at ${end}, before it begins at ${begin}`)
  const bytes = bytesOf(dtype, product(shape))
  if (bytes === undefined) return fail(`has the shape [${shown(shape)}], whose size cannot be counted`)
  if (bytes !== end - begin) {
    return fail(`has the shape [${shown(shape)}] of ${dtype}, ${bytes} bytes, but data_offsets span ${end - begin}`)
  }
  return { dtype, shape, bytes, position: dataStart + begin }
}

function checkMetadata(path: string, metadata: Json): void {
  if (isObject(metadata) && Object.values(metadata).every(value => typeof value === 'string')) return
  throw new FormatError(path, '__metadata__ is not an object of strings')
}

function isSizes(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every(size => Number.isSafeInteger(size) && (size as number) >= 0)
}

/** Infinity once it passes 2⁵³, unless a later factor is 0. */
function product(shape: readonly number[]): number {
  if (shape.includes(0)) return 0
  let elements = 1
  for (const size of shape) {
    elements *= size
    if (!Number.isSafeInteger(elements)) return Number.POSITIVE_INFINITY
  }
  return elements
}

function shown(shape: readonly number[]): string {
  return shape.length > 8 ? `${shape.slice(0, 8).join(', ')}, …` : shape.join(', ')
}
