import { bind, type Functions, type Signature } from '../driver/signature.ts'
import { CudaUnavailableError } from '../errors.ts'
import { libraryFinder } from './find-library.ts'
import { LIBRARIES, type Library, type LibraryName } from './libraries.ts'
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
  const { name } = LIBRARIES[library]
  const fitting = filesUpTo(LIBRARIES[library], newest)
  const path = libraryFinder(fileProbe(process.env))(fitting)
  if (path === undefined) throw new CudaUnavailableError(notFound(LIBRARIES[library], fitting))
  try {
    return { functions: bind(path, table), path }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CudaUnavailableError(`${name} (${path}) cannot be loaded: ${reason.split('\n')[0]}`, { cause: error })
  }
}

/** File names without those of a version that is too new; drivers and NVML have versions of their own, all below. */
export function filesUpTo({ files }: Library, newest: number): readonly string[] {
  return files.filter(file => versionOf(file) <= newest)
}

export function notFound({ name, use, advice }: Library, files: readonly string[]): string {
  return `${name} (${files.join(', ')}), for ${use}, is not found: ${advice}`
}

/** Of `libnvrtc.so.13`, 13. */
function versionOf(file: string): number {
  return Number(/\.so\.(\d+)/.exec(file)?.[1] ?? 0)
}
