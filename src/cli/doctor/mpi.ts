import type { LibraryFinder } from '../../cuda/index.ts'
import type { Finding } from './finding.ts'
import type { Probe } from './probe.ts'

/** Open MPI 4 and 5, and MPICH. */
const FILES = ['libmpi.so.40', 'libmpi.so', 'libmpich.so.12', 'libmpich.so']

/** For several hosts. */
export async function mpiFindings(probe: Probe, find: LibraryFinder): Promise<Finding[]> {
  const version = (await probe.run('mpirun', ['--version']))?.trim().split('\n')[0]
  const path = find(FILES)
  return [
    finding('mpirun', version, 'starts one process per rank', 'apt install openmpi-bin'),
    finding('MPI library', path, 'libmpi.so, for ranks to speak to each other', 'apt install libopenmpi-dev'),
  ]
}

function finding(name: string, detail: string | undefined, use: string, advice: string): Finding {
  const found = { group: 'mpi', name, needed: false } as const
  return detail ? { ...found, status: 'ok', detail } : { ...found, status: 'missing', detail: use, advice }
}
