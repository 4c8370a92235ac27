import { expect, it } from 'vitest'
import { MPICH_ABI } from '../library/mpich-abi.ts'
import { OPEN_MPI_ABI } from '../library/openmpi-abi.ts'
import { kindOf } from './error-of.ts'

it.each([
  [OPEN_MPI_ABI, 15, 'MPI_ERR_TRUNCATE: message truncated', 'truncated'],
  [MPICH_ABI, 14, 'Message truncated', 'truncated'],
  [MPICH_ABI, 15, 'Other MPI error', 'other'],
  [OPEN_MPI_ABI, 6, 'MPI_ERR_RANK: invalid rank', 'bad_rank'],
  [OPEN_MPI_ABI, 8, 'MPI_ERR_ROOT: invalid root', 'bad_rank'],
  [OPEN_MPI_ABI, 4, 'MPI_ERR_TAG: invalid tag', 'bad_tag'],
  [OPEN_MPI_ABI, 75, 'MPI_ERR_PROC_FAILED: Process Failure', 'lost'],
  [MPICH_ABI, 101, 'Process failed', 'lost'],
  [MPICH_ABI, 16, 'Internal MPI error!', 'other'],
])('$name’s class %2$i is told as what it is', (abi, mpiClass, text, kind) => {
  expect(kindOf(mpiClass, text, abi.errorClass)).toBe(kind)
})
