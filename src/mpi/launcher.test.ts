import { expect, test } from 'vitest'
import { launcherOf } from './launcher.ts'

const OPEN_MPI = {
  OMPI_COMM_WORLD_RANK: '3',
  OMPI_COMM_WORLD_SIZE: '4',
  OMPI_COMM_WORLD_LOCAL_RANK: '1',
  OMPI_COMM_WORLD_LOCAL_SIZE: '2',
}
const TCP = { WARPLINE_RENDEZVOUS: 'localhost:4000', WARPLINE_RANK: '1', WARPLINE_SIZE: '2' }

test.each([
  ['nobody', {}, { kind: 'none', rank: 0, size: 1, localRank: 0, localSize: 1 }],
  ['Open MPI', OPEN_MPI, { kind: 'openmpi', rank: 3, size: 4, localRank: 1, localSize: 2 }],
  [
    'MPICH',
    { PMI_RANK: '0', PMI_SIZE: '2', MPI_LOCALRANKID: '0', MPI_LOCALNRANKS: '2' },
    { kind: 'mpich', rank: 0, size: 2, localRank: 0, localSize: 2 },
  ],
  [
    'MPICH that says less',
    { PMI_RANK: '1', PMI_SIZE: '2' },
    { kind: 'mpich', rank: 1, size: 2, localRank: undefined, localSize: undefined },
  ],
  ['TCP', TCP, { kind: 'tcp', rank: 1, size: 2, localRank: undefined, localSize: undefined }],
  ['TCP under a launcher', { ...OPEN_MPI, ...TCP }, { kind: 'tcp', rank: 1, size: 2 }],
  ['something that makes no sense', { PMI_RANK: 'x', PMI_SIZE: '2' }, { kind: 'none', rank: 0, size: 1 }],
])('knows who started it: %s', (_who, env, expected) => {
  expect(launcherOf(env)).toMatchObject(expected)
})

test.each([
  [{ WARPLINE_RANK: undefined }],
  [{ WARPLINE_RANK: '2' }],
  [{ WARPLINE_RANK: '-1' }],
  [{ WARPLINE_SIZE: 'two' }],
])('refuses a rendezvous without a place in it: %o', change => {
  expect(() => launcherOf({ ...TCP, ...change })).toThrow(/WARPLINE_RENDEZVOUS is set, so WARPLINE_SIZE must be/)
})
