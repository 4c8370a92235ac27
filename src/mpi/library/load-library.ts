import koffi, { type LibraryHandle } from 'koffi'
import { MpiError } from '../errors.ts'
import type { Abi, Handles } from './abi.ts'
import { MPI_FUNCTIONS, type MpiFunctions, NATIVE } from './functions.ts'
import { abiOf, shortVersion } from './recognise.ts'

/** MPI, loaded and recognised. */
export interface MpiLibrary {
  readonly functions: MpiFunctions
  readonly abi: Abi
  readonly handles: Handles
  /** e.g. `Open MPI 4.1.4`. */
  readonly version: string
  /** Whether pointers to a GPU's memory may be given, where the library says; to be asked once MPI runs. */
  cudaSupport(): 'yes' | 'no' | 'unknown'
}

/** The most that MPI_MAX_LIBRARY_VERSION_STRING is anywhere. */
const VERSION_BYTES = 8192

/**
 * Loads MPI, and starts nothing.
 *
 * @throws MpiError of kind `unavailable` that says why: no such file, or not an MPI that is known.
 */
export function loadLibrary(file: string): MpiLibrary {
  let library: LibraryHandle
  try {
    library = koffi.load(file)
  } catch (cause) {
    throw new MpiError('unavailable', `${file} cannot be loaded: ${reasonOf(cause)}`, undefined, { cause })
  }
  const text = versionText(library, file)
  const abi = abiOf(file, text)
  if (abi === undefined) throw new MpiError('unavailable', `${file} is of no known ABI: ${shortVersion(text)}`)
  // Parts that Open MPI loads later may look for its symbols among everybody's.
  if (abi.name === 'Open MPI') koffi.load(file, { global: true })
  return {
    functions: bind(library, file, abi),
    abi,
    handles: abi.handles(symbol => Number(library.symbol(symbol))),
    version: shortVersion(text),
    cudaSupport: () => cudaSupport(library),
  }
}

function versionText(library: LibraryHandle, file: string): string {
  const text = Buffer.alloc(VERSION_BYTES)
  const length = new Int32Array(16)
  try {
    library.func('MPI_Get_library_version', 'int32_t', ['void *', 'void *'])(text, length)
  } catch (cause) {
    throw new MpiError('unavailable', `${file} is not an MPI library, or older than MPI 3`, undefined, { cause })
  }
  const end = text.indexOf(0)
  return text.toString('latin1', 0, end < 0 ? length[0] : end)
}

function bind(library: LibraryHandle, file: string, abi: Abi): MpiFunctions {
  const functions: Record<string, unknown> = {}
  for (const [name, signature] of Object.entries(MPI_FUNCTIONS)) {
    try {
      functions[name] = library.func(
        name,
        'int32_t',
        signature.map(kind => (kind === 'handle' ? abi.handle : NATIVE[kind])),
      )
    } catch (cause) {
      throw new MpiError('unavailable', `${file} has no ${name}: MPI 3 or newer is needed`, undefined, { cause })
    }
  }
  return functions as MpiFunctions
}

function cudaSupport(library: LibraryHandle): ReturnType<MpiLibrary['cudaSupport']> {
  try {
    return library.func('MPIX_Query_cuda_support', 'int32_t', [])() ? 'yes' : 'no'
  } catch {
    return 'unknown'
  }
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.replace(/^Failed to load shared library: /, '').split('\n')[0]!
}
