import { basename } from 'node:path'
import type { Abi } from './abi.ts'
import { MPICH_ABI } from './mpich-abi.ts'
import { OPEN_MPI_ABI } from './openmpi-abi.ts'
import { STANDARD_ABI } from './standard-abi.ts'

/** Which ABI a library has, by its file's name and by what MPI_Get_library_version says. */
export function abiOf(file: string, version: string): Abi | undefined {
  // Its makers' own ABI has the same version text.
  if (/^libmpi_abi\b/.test(basename(file))) return STANDARD_ABI
  if (/Open MPI|Spectrum MPI/i.test(version)) return OPEN_MPI_ABI
  if (/MPICH|MVAPICH|Intel\(R\) MPI/i.test(version)) return MPICH_ABI
  return undefined
}

/** `Open MPI v4.1.4, package: …` → `Open MPI 4.1.4`; `MPICH Version:\t4.0.2…` → `MPICH 4.0.2`. */
export function shortVersion(text: string): string {
  const [line = ''] = text.split(/[,\n]/)
  return line
    .replace(/\s*\bversion\b\s*:?\s*/i, ' ')
    .replace(/ v(?=\d)/, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
