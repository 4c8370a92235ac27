import { MpiError, type MpiErrorKind } from '../errors.ts'
import type { MpiLibrary } from '../library/load-library.ts'
import { addressOf } from '../library/memory.ts'

/** The most that MPI_MAX_ERROR_STRING is anywhere. */
const TEXT_BYTES = 1024

/** What MPI says of an error code that a call has given. */
export function errorOf({ functions, abi }: MpiLibrary, code: number, call: string): MpiError {
  const out = new Int32Array(new ArrayBuffer(64))
  const text = Buffer.alloc(TEXT_BYTES)
  const known = functions.MPI_Error_class(code, addressOf(out.buffer)) === 0
  const mpiClass = known ? out[0]! : code
  const said = functions.MPI_Error_string(code, text, out) === 0 ? text.toString('utf8', 0, out[0]) : `error ${code}`
  // MPICH goes on with a stack of its own functions.
  const [line = said] = said.split(/,? ?error stack:|\n/)
  return new MpiError(kindOf(mpiClass, line, abi.errorClass), `${call}: ${line.trim()}`, mpiClass)
}

/** @throws MpiError if the code is one of an error. */
export function check(library: MpiLibrary, code: number, call: string): void {
  if (code !== 0) throw errorOf(library, code, call)
}

export function kindOf(mpiClass: number, text: string, known: Readonly<Record<string, number>>): MpiErrorKind {
  if (mpiClass === known.truncate) return 'truncated'
  if (mpiClass === known.rank || mpiClass === known.root) return 'bad_rank'
  if (mpiClass === known.tag) return 'bad_tag'
  // An extension, whose class has another number everywhere.
  if (/PROC_FAILED|process fail/i.test(text)) return 'lost'
  return 'other'
}
