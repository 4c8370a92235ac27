import { realpathSync } from 'node:fs'
import { MpiError } from '../errors.ts'
import { type Candidate, candidates, type Surroundings } from './candidates.ts'
import { loadLibrary, type MpiLibrary } from './load-library.ts'

const ADVICE =
  'install Open MPI or MPICH (apt install openmpi-bin, or mpich), or name its libmpi by WARPLINE_MPI_LIBRARY'

/**
 * The MPI that fits whoever has started this process.
 *
 * @throws MpiError of kind `unavailable` that says what was tried.
 */
export function openLibrary(launcher: Surroundings['launcher'], env = process.env): MpiLibrary {
  const tried = candidates({ env, launcher, realPath })
  const found = firstThatLoads(tried)
  if (found instanceof MpiError) {
    if (tried.length === 1) throw found
    const files = [...new Set(tried.map(({ file }) => file).filter(file => !file.includes('/')))]
    throw new MpiError('unavailable', `no MPI library is found (${files.join(', ')}): ${ADVICE}`, undefined, {
      cause: found,
    })
  }
  return found
}

function firstThatLoads(tried: readonly Candidate[]): MpiLibrary | MpiError {
  let reason = new MpiError('unavailable', 'no MPI library is known for this launcher')
  for (const { file, abi } of tried) {
    try {
      const library = loadLibrary(file)
      if (abi === undefined || library.abi.name === abi) return library
    } catch (error) {
      if (!(error instanceof MpiError)) throw error
      reason = error
    }
  }
  return reason
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
