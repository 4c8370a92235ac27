import { bind, type Functions, type Signature } from '../driver/signature.ts'
import { CudaUnavailableError } from '../errors.ts'
import { libraryFinder } from './find-library.ts'
import { LIBRARIES, type LibraryName } from './libraries.ts'
import { fileProbe } from './probe.ts'

/**
 * Loads a library and binds its functions. Of libraries of several versions, those newer than CUDA `newest` are passed
 * over: the driver could not run what they make.
 *
 * @throws CudaUnavailableError that names what was looked for and what to install.
 */
export function loadLibrary<T extends Readonly<Record<string, Signature>>>(
  library: LibraryName,
  table: T,
  newest = Number.POSITIVE_INFINITY,
): { functions: Functions<T>; path: string } {
  const { name, files, use, advice } = LIBRARIES[library]
  const fitting = files.filter(file => versionOf(file) <= newest)
  const path = libraryFinder(fileProbe(process.env))(fitting)
  if (path === undefined)
    throw new CudaUnavailableError(`${name} (${fitting.join(', ')}), for ${use}, is not found: ${advice}`)
  try {
    return { functions: bind(path, table), path }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CudaUnavailableError(`${name} cannot be loaded: ${reason}`, { cause: error })
  }
}

/** Of `libnvrtc.so.13`, 13. */
function versionOf(file: string): number {
  return Number(/\.so\.(\d+)/.exec(file)?.[1] ?? 0)
}
